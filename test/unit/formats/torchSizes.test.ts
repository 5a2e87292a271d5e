import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { resizedSources } from '../../../extension/formats/pytorch/scriptSizes.ts';
import { sizeAttributes } from '../../../extension/formats/pytorch/sizeAttributes.ts';
import type { ModuleSize, SizeName } from '../../../extension/formats/stateDict/moduleSizes.ts';
import type { TensorContainer } from '../../../extension/formats/stateDict/tensors.ts';
import { global, instance, orderedDict, type Pickled, tuple } from '../../support/pickle.ts';
import { processorLimit } from '../../support/processorLimit.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { floats, tensor, torchZip } from '../../support/torchFile.ts';
import { scriptedLstm } from '../../support/torchScript.ts';
import { type OpenedTorch, withTorch } from './torchContents.ts';

const write = scratchFiles();
const storages = { 0: floats(1, 2, 3, 4, 5, 6) };
const weight = tensor({ storage: '0', numel: 6, shape: [3, 2] });

function module(
  [home, name]: readonly [string, string],
  attributes: Readonly<Record<string, Pickled>>,
  parts: Readonly<Record<string, Pickled>> = {},
): Pickled {
  return instance(
    global(home, name),
    new Map<string, Pickled>([
      ['_parameters', orderedDict(new Map(name === 'Net' ? [] : [['weight', weight]]))],
      ['_modules', orderedDict(new Map(Object.entries(parts)))],
      ...Object.entries(attributes),
    ]),
  );
}

function sizes(...changes: [string, SizeName, number, number][]): ModuleSize[] {
  return changes.map(([path, name, before, after]) => ({ path, name, before, after }));
}

const linear = ['torch.nn.modules.linear', 'Linear'] as const;

/** A file of a module that has attributes, over a layer of three features. */
function withNet<T>(
  attributes: Readonly<Record<string, Pickled>>,
  use: (opened: OpenedTorch) => Promise<T>,
): Promise<T> {
  const net = module(['my', 'Net'], attributes, { fc: module(linear, { out_features: 3, in_features: 2 }) });
  return withTorch(write('net.pt', torchZip({ saved: net, storages })), use);
}

const kept = new Map([['fc.weight', [[0, 2], null]]]);
/** Three features become two. */
const cut = sizes(['fc', 'out_features', 3, 2], ['fc', 'in_features', 2, 2]);

async function attributesOf(
  container: Pick<TensorContainer, 'save'>,
  parts: readonly ModuleSize[],
): Promise<Record<string, number>> {
  const path = write('small', '').concat('.pt');
  await container.save(path, { kept, sizes: parts });
  return withTorch(path, async ({ modules }) =>
    Object.fromEntries(
      // Whatever has the number that was there before, or the new one.
      sizeAttributes(modules, [...parts, ...sizes(['fc', 'num_features', 2, 9])]).map(({ name, before }) => [
        name,
        before,
      ]),
    ),
  );
}

describe('a whole module that loses units', () => {
  test('states the new sizes, its own layer and the model around it alike', () =>
    withNet({ out_features: 3, classes: 3 }, async ({ container }) => {
      const found = await attributesOf(container, cut);
      assert.deepEqual(found, { 'fc.out_features': 2, 'fc.in_features': 2, out_features: 2, classes: 3 });
      const notes = container.sizeNotes?.(cut) ?? [];
      assert.deepEqual(
        notes.map(({ code }) => code),
        ['noteSizesInModules', 'noteAttributesLeft'],
      );
      assert.match(JSON.stringify(notes), /"fc: out_features 3 → 2"/);
      assert.match(JSON.stringify(notes), /"classes = 3"/);
    }));

  test('is refused where one attribute would have to say two sizes', () =>
    withNet({ out_features: 3 }, async ({ container }) => {
      const both = [...cut, ...sizes(['other', 'out_features', 3, 1])];
      const save = () => container.save(write('two', '').concat('.pt'), { kept, sizes: both });
      await assertRefuses(save, 'shrinkUnsupported', 'out_features = 3', 'state_dict()');
    }));

  test('is refused where an attribute that says a size cannot be replaced', () =>
    withNet({ out_features: [3, 3] }, async ({ container }) => {
      const save = () => container.save(write('list', '').concat('.pt'), { kept, sizes: cut });
      await assertRefuses(save, 'shrinkUnsupported', 'out_features = 3');
    }));

  test('states a size that is the only one of a tuple', () =>
    withNet({ normalized_shape: tuple(3) }, async ({ modules }) => {
      const [attribute] = sizeAttributes(modules, sizes(['', 'normalized_shape', 3, 1]));
      assert.deepEqual([attribute.name, attribute.before, attribute.after], ['normalized_shape', 3, [1]]);
      assert.ok(attribute.place);
    }));
});

const rnn = scriptedLstm({ layers: 12, inputs: 12, units: 24 });
const sources = new Map([
  ['code/__torch__/torch/nn/modules/rnn.py', rnn],
  ['code/__torch__/net.py', 'class Net(Module):\n  def forward(self):\n    _24 = 0.24\n    return (12.)\n'],
]);

describe('the code of a TorchScript archive', () => {
  const script = (name: string) => ({
    facts: { className: name, options: new Map() },
    className: `__torch__.${name}`,
    isOfTorch: name.startsWith('torch.nn.'),
    attributes: [],
    groups: [],
  });
  const modules = new Map([
    ['', script('net.Net')],
    ['rnn', script('torch.nn.modules.rnn.LSTM')],
  ]);
  const hidden = sizes(['rnn', 'input_size', 12, 12], ['rnn', 'hidden_size', 24, 7]);

  test('has the new sizes where the compiler wrote the old ones, byte for byte as long as before', () => {
    const resized = resizedSources(sources, modules, hidden);
    assert.deepEqual([...resized.keys()], ['code/__torch__/torch/nn/modules/rnn.py']);
    const [text] = resized.values();
    assert.equal(text.length, rnn.length);
    assert.equal(text.replaceAll(' 7', '24'), rnn);
    assert.equal(text.match(/ 7/g)?.length, 3);
    assert.ok(text.includes('"expected 24, got {}"'));
  });

  test('keeps apart what is equal by chance', () => {
    const [text] = resizedSources(sources, modules, sizes(['rnn', 'input_size', 12, 10])).values();
    assert.ok(text.includes('num_layers : Final[int] = 12'));
    assert.ok(text.includes('input_size : Final[int] = 10'));
    assert.equal(text.match(/10, torch\.size/g)?.length, 2);
  });

  test('is refused where layers share a class and become different', () => {
    const twins = new Map([...modules, ['rnn2', script('torch.nn.modules.rnn.LSTM')]]);
    const apart = [...hidden, ...sizes(['rnn2', 'hidden_size', 24, 9])];
    return assertRefuses(
      () => resizedSources(sources, twins, apart),
      'reasonTorchCode',
      '24 (code/__torch__/torch/nn/modules/rnn.py, 3)',
    );
  });

  test('is refused where a number of other code is a size that changes, and the place is named', async () => {
    for (const [line, number] of [
      ['h = torch.zeros([1, B, 24])', 24],
      ['_24 = torch.view(x, [-1, 24])', 24],
    ] as const) {
      const own = new Map([
        ...sources,
        ['code/__torch__/net.py', `class Net(Module):\n  def forward(self):\n    ${line}\n`],
      ]);
      const resize = () => resizedSources(own, modules, hidden);
      await assertRefuses(resize, 'reasonTorchCode', `${number} (code/__torch__/net.py, 3)`);
    }
  });

  test('is refused where a number of a layer stands where no size is known to stand', () => {
    const unknown = new Map([
      [
        'code/__torch__/torch/nn/modules/rnn.py',
        'class LSTM(Module):\n  def f(self):\n    return torch.mul(x, 24)\n',
      ],
    ]);
    return assertRefuses(() => resizedSources(unknown, modules, hidden), 'reasonTorchCode', 'rnn.py, 3');
  });

  const allButMatches: Readonly<Record<string, readonly [line: string, times: number]>> = {
    'a long line of norms': [`  ${'torch.batch_norm('.repeat(50_000)}${', True'.repeat(50_000)}`, 1],
    'lines of norms': [`  ${'torch.batch_norm('.repeat(290)}${', True'.repeat(830)}`, 500],
    'lines of states': [`    return (2, a, 24)${'= ['.repeat(3200)}`, 100],
    'lines of quotes': [`    return (2, a, 24)${'"\\'.repeat(4900)}`, 100],
    'empty lines': ['', 3_000_000],
  };
  for (const [what, [line, times]] of Object.entries(allButMatches))
    test(`takes no longer where it is ${what}, made to be gone over again and again`, () => {
      const source = `${rnn}class A(Module):\n${`${line}\n`.repeat(times)}`;
      const all = new Map([['code/__torch__/torch/nn/modules/rnn.py', source]]);
      const own = script('torch.nn.modules.rnn.A');
      const withinLimit = processorLimit(2000);
      const resized = resizedSources(all, new Map([...modules, ['a', own]]), [
        ...hidden,
        ...sizes(['a', 'hidden_size', 24, 7]),
      ]);
      withinLimit();
      assert.equal([...resized.values()][0]?.length, source.length);
    });
});
