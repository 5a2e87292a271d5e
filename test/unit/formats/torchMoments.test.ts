import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { momentOwners } from '../../../extension/formats/pytorch/momentOwners.ts';
import type { Pickled } from '../../support/pickle.ts';
import { processorLimit } from '../../support/processorLimit.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { floats, tensor, torchZip } from '../../support/torchFile.ts';
import { parameterOf, withTorch } from './torchContents.ts';
import { readEntries } from './zipEntries.ts';

const write = scratchFiles();
const weight = (name: string, ...shape: number[]) => ({ name, shape });
const model = [
  weight('ih', 8, 3),
  weight('hh', 8, 2),
  weight('bias_ih', 8),
  weight('bias_hh', 8),
  weight('head', 5, 2),
];
const member = (key: number, shape?: readonly number[], name?: string) => ({
  key,
  ...(shape && { shape }),
  ...(name !== undefined && { name }),
});

function namesOf(
  owners: ReadonlyMap<unknown, { name: string }> | undefined,
): [unknown, string][] | undefined {
  return owners && [...owners].map(([key, { name }]): [unknown, string] => [key, name]).sort();
}

describe('whose moments an optimizer holds', () => {
  test('is the order of the model where all weights are in one group', () => {
    const group = { members: model.map((_, i) => member(i + 7)) };
    const names = namesOf(momentOwners([group], model));
    assert.deepEqual(names?.map(([, name]) => name).sort(), model.map(({ name }) => name).sort());
    assert.deepEqual(
      names?.find(([key]) => key === 8),
      [8, 'hh'],
    );
  });

  test('is told by shapes where weights are divided among groups', () => {
    const biases = { members: [member(0, [8]), member(1, [8])] };
    const others = { members: [member(2, [8, 3]), member(3, [8, 2]), member(4, [5, 2])] };
    assert.deepEqual(namesOf(momentOwners([biases, others], model)), [
      [0, 'bias_ih'],
      [1, 'bias_hh'],
      [2, 'ih'],
      [3, 'hh'],
      [4, 'head'],
    ]);
  });

  test('is not known where shapes leave two ways of dividing them, unless the optimizer has their names', () => {
    const twins = [weight('a', 4, 4), weight('b', 4, 4)];
    const groups = [{ members: [member(0, [4, 4])] }, { members: [member(1, [4, 4])] }];
    assert.equal(momentOwners(groups, twins), undefined);
    const named = [{ members: [member(0, [4, 4], 'b')] }, { members: [member(1, [4, 4], 'a')] }];
    assert.deepEqual(namesOf(momentOwners(named, twins)), [
      [0, 'b'],
      [1, 'a'],
    ]);
  });

  test('is the order of the model, or its reverse, where each weight is a group of its own and shapes allow one of them', () => {
    const alone = (shapes: readonly (readonly number[])[]) =>
      shapes.map((shape, i) => ({ members: [member(i, shape)] }));
    const shapes = model.map(({ shape }) => shape);
    const names = model.map(({ name }) => name);
    const forwards = namesOf(momentOwners(alone(shapes), model));
    assert.deepEqual(
      forwards,
      names.map((name, i) => [i, name]),
    );
    const backwards = namesOf(momentOwners(alone(shapes.toReversed()), model));
    assert.deepEqual(
      backwards,
      names.toReversed().map((name, i) => [i, name]),
    );
    // Neither: one of the two biases comes first.
    const mixed = [[8], [8, 3], [8, 2], [8], [5, 2]];
    assert.equal(momentOwners(alone(mixed), model), undefined);
  });

  test('is soon not known where each of many weights of one shape is a group of its own', () => {
    const many = Array.from({ length: 400 }, (_, i) => weight(`w${i}`, 4, 4));
    const groups = many.map((_, i) => ({ members: [member(i, [4, 4])] }));
    const withinLimit = processorLimit(2000);
    assert.equal(momentOwners(groups, many), undefined);
    withinLimit();
  });

  test('is told by shapes where some weights are left out, as frozen ones', () => {
    const shapes = model.map(({ shape }) => shape);
    const without = (...left: number[]) => shapes.filter((_, i) => !left.includes(i));
    const ofOne = (...left: number[]) =>
      namesOf(momentOwners([{ members: without(...left).map((shape, i) => member(i, shape)) }], model));
    const head: [unknown, string] = [0, 'head'];
    assert.deepEqual(ofOne(0, 1, 2, 3), [head]);
    assert.deepEqual(
      ofOne(0)?.map(([, name]) => name),
      ['hh', 'bias_ih', 'bias_hh', 'head'],
    );
    // One of two biases of one shape.
    assert.equal(ofOne(2), undefined);
    const groups = [{ members: [member(0, [8]), member(1, [8])] }, { members: [member(2, [8, 2])] }];
    assert.deepEqual(namesOf(momentOwners(groups, model)), [
      [0, 'bias_ih'],
      [1, 'bias_hh'],
      [2, 'hh'],
    ]);
    const named = [{ members: [member(0, [8], 'bias_hh')] }];
    assert.deepEqual(namesOf(momentOwners(named, model)), [[0, 'bias_hh']]);
  });

  test('is not known where weights are left out and the shapes fit another order of whole modules, too', () => {
    const layers = (width: number) => [
      weight('emb.weight', 20, 8),
      weight('a.weight', 8, 8),
      weight('a.bias', 8),
      weight('b.weight', width, 8),
      weight('b.bias', width),
    ];
    const [, ...trained] = layers(8).map(({ shape }, i) => member(i, shape));
    assert.equal(momentOwners([{ members: trained }], layers(8)), undefined);
    const twoGroups = [{ members: trained.slice(0, 2) }, { members: trained.slice(2) }];
    assert.equal(momentOwners(twoGroups, layers(8)), undefined);
    const ofTwo = layers(2).map(({ shape }, i) => member(i, shape));
    for (const groups of [
      [{ members: ofTwo.slice(1) }],
      [{ members: ofTwo.slice(3) }, { members: ofTwo.slice(1, 3) }],
      [{ members: [ofTwo[2], ofTwo[4]] }, { members: [ofTwo[1], ofTwo[3]] }],
    ])
      assert.deepEqual(namesOf(momentOwners(groups, layers(2))), [
        [1, 'a.weight'],
        [2, 'a.bias'],
        [3, 'b.weight'],
        [4, 'b.bias'],
      ]);
  });

  test('is soon known where many modules of one shape each are left out, but for some', () => {
    const many = Array.from({ length: 400 }, (_, i) => [
      weight(`l${i}.weight`, i, 4),
      weight(`l${i}.bias`, i),
    ]);
    const withinLimit = processorLimit(2000);
    const members = many
      .slice(200)
      .flatMap(([w, b], i) => [member(2 * i, w.shape), member(2 * i + 1, b.shape)]);
    assert.equal(momentOwners([{ members }], many.flat())?.get(1)?.name, 'l200.bias');
    withinLimit();
  });

  test('is soon not known where many weights of one shape are left out', () => {
    const many = Array.from({ length: 2000 }, (_, i) => weight(`w${i}`, 4, 4));
    const withinLimit = processorLimit(2000);
    assert.equal(
      momentOwners([{ members: many.slice(1000).map((_, i) => member(i, [4, 4])) }], many),
      undefined,
    );
    withinLimit();
  });

  test('is not known where it has more weights than the model, a shape that none has, or no shapes and fewer', () => {
    assert.equal(momentOwners([{ members: [member(0)] }], model), undefined);
    assert.equal(
      momentOwners([{ members: [...model, ...model].map((_, i) => member(i)) }], model),
      undefined,
    );
    const wrong = { members: model.map((_, i) => member(i, i === 1 ? [3, 8] : undefined)) };
    assert.equal(momentOwners([wrong], model), undefined);
  });
});

const optimizerOf = (state: ReadonlyMap<number, Pickled>, ...groups: number[][]) =>
  new Map<string, Pickled>([
    ['state', new Map([...state].map(([key, moment]) => [key, new Map([['exp_avg', moment]])]))],
    ['param_groups', groups.map((params) => new Map<string, Pickled>([['params', params]]))],
  ]);

/** Whether the moments of a file of two weights are masked with them. */
async function masks(
  shapes: readonly (readonly number[])[],
  optimizers: readonly Pickled[],
): Promise<boolean | undefined> {
  const views = shapes.map((shape, i) => tensor({ storage: String(i), numel: 4, shape: [...shape] }));
  const saved = new Map<string, Pickled>([
    ['model', new Map(views.map((view, i): [string, Pickled] => [`w${i}`, view]))],
    ...optimizers.map((optimizer, i): [string, Pickled] => [`optimizer_${i}`, optimizer]),
  ]);
  const storages = {
    0: floats(1, 2, 3, 4),
    1: floats(5, 6, 7, 8),
    2: floats(1, 1, 1, 1),
    3: floats(2, 2, 2, 2),
  };
  let known: boolean | undefined;
  await withTorch(write('optimizers.pt', torchZip({ saved, storages })), async ({ container }) => {
    known = container.masksOptimizerState;
  });
  return known;
}

describe('of two optimizers in a file', () => {
  const moment = (...shape: number[]) => tensor({ storage: '2', numel: 4, shape });
  const first = (...shape: number[]) => optimizerOf(new Map([[0, moment(...shape)]]), [0]);

  test('each has the weights that fit its own, though both count from 0', async () => {
    assert.equal(
      await masks(
        [
          [2, 2],
          [4, 1],
        ],
        [first(4, 1), first(2, 2)],
      ),
      true,
    );
  });

  test('it is not known whose the moments are where both fit either weight', async () => {
    const twins = [
      [2, 2],
      [2, 2],
    ];
    const other = optimizerOf(new Map([[0, tensor({ storage: '3', numel: 4, shape: [2, 2] })]]), [0]);
    assert.equal(await masks(twins, [first(2, 2), other]), false);
  });

  test('one weight may be nobody’s', async () => {
    const shapes = [
      [2, 2],
      [4, 1],
    ];
    assert.equal(await masks(shapes, [first(2, 2)]), true);
    assert.equal(await masks(shapes, [first(1, 4)]), false);
  });
});

test('moments of pruned weights are 0 in the written file, all others as they were', async () => {
  const saved = new Map<string, Pickled>([
    ['model', new Map([['w', tensor({ storage: '0', numel: 4, shape: [2, 2] })]])],
    [
      'optimizer',
      new Map<string, Pickled>([
        ['state', new Map([[0, new Map([['exp_avg', tensor({ storage: '1', numel: 4, shape: [2, 2] })]])]])],
        ['param_groups', [new Map<string, Pickled>([['params', [0]]])]],
      ]),
    ],
  ]);
  const storages = { 0: floats(1, 2, 3, 4), 1: floats(10, 20, 30, 40) };
  const out = write('masked', '').concat('.pt');
  await withTorch(write('moments.pt', torchZip({ saved, storages })), async (opened) => {
    const w = parameterOf(opened, 'w');
    assert.ok(w);
    w.mask = Uint8Array.of(1, 0, 0, 1);
    assert.equal(opened.container.masksOptimizerState, true);
    await opened.container.save(out, {});
  });
  const entries = await readEntries(out);
  assert.deepEqual(entries.find(({ name }) => name === 'model/data/0')?.bytes, floats(1, 0, 0, 4));
  assert.deepEqual(entries.find(({ name }) => name === 'model/data/1')?.bytes, floats(10, 0, 0, 40));
});
