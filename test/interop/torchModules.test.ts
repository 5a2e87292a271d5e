// Whole modules and TorchScript archives, computed by us and by the code that goes with them.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { evaluate } from '../../extension/jobs/evaluate.ts';
import { prune } from '../../extension/jobs/prune.ts';
import type { Recipe } from '../../extension/protocol/recipe.ts';
import type { PruneReport } from '../../extension/protocol/report.ts';
import { UserError } from '../../extension/protocol/userError.ts';
import { recordedContext } from '../support/jobContext.ts';
import { runPython, scratchFolder } from './environment.ts';

interface Judged {
  readonly loss: number;
  /** Of what PyTorch wrote of it. */
  readonly again: number;
  /** `hidden_size` of every module that has one. */
  readonly sizes: Readonly<Record<string, number>>;
}

const { folder, remove } = await scratchFolder();
after(remove);
const losses = JSON.parse(await runPython('torchWholes.py', ['make', folder])) as Record<string, number>;
const data = { data: join(folder, 'data.npz'), split: 'all' as const };
const recipes: Readonly<Record<string, Recipe>> = {
  trained: { sparsity: 0.5, epochs: 2, optimizer: 'adam' },
  shrunk: { sparsity: 0.5, granularity: 'unit', shrink: true },
};

/** Why units cannot leave: what is refused, and the place that the message names. */
const refused: Readonly<Record<string, readonly [string, RegExp]>> = {
  'ownState-trace': ['reasonTorchCode', /^code\/__torch__\/torchModels.*\.py, \d+$/],
  'literal-script': ['reasonTorchCode', /^code\/__torch__\/torchModels.*\.py, \d+$/],
  'literal-trace': ['reasonTorchCode', /^code\/__torch__\/torchModels.*\.py, \d+$/],
  'lstm-frozen': ['reasonTorchFrozenUnits', /^$/],
  'convolved-frozen': ['reasonTorchFrozenUnits', /^$/],
  'activated-frozen': ['reasonTorchFrozenUnits', /^$/],
  'activated-traceFrozen': ['reasonTorchFrozenUnits', /^$/],
  'projection-frozen': ['reasonTorchFrozenUnits', /^$/],
  'ownState-traceFrozen': ['reasonTorchFrozenUnits', /^$/],
  // Equal constants are one, so its layers and normalisations share weights.
  'normalised-frozen': ['unitsFrozen', /^$/],
  'lstm-mobile': ['reasonTorchBytecode', /^$/],
  'twoSizes-zipped': ['reasonTorchAttribute', /^hidden$/],
  'twoSizes-script': ['reasonTorchAttribute', /^hidden$/],
};
/** Begins with a state whose size only its code knows. */
const codeOnly = new Set(['literal-zipped']);
/** Computes with more than its layers, and what the message names of that. */
const beyond: Readonly<Record<string, readonly [reason: string, named: RegExp]>> = {
  'constant-trace': ['reasonInCode', /^rnn$/],
  'scaled-trace': ['reasonInCode', /^torch\.mul$/],
  'scaled-traceFrozen': ['reasonInCode', /^torch\.mul$/],
  'buffer-trace': ['reasonInCode', /^rnn$/],
  'buffer-frozen': ['reasonInCode', /^gru1$/],
  'lstm-optimized': ['reasonInCode', /^torch\.matmul$/],
};
/** Files whose weights are no tensors, and why. */
const unreadable: Readonly<Record<string, string>> = {
  'lstm-quantized': 'reasonTorchQuantized',
  'normed-state': 'weightParametrised',
};
const readable = Object.keys(losses).filter((name) => !unreadable[name]);
const names = readable.filter((name) => !beyond[name]);

const file = (name: string) => join(folder, `${name}.pt`);
const outputOf = (name: string, how: string) => join(folder, `${name}.${how}.pt`);
const reports = new Map<string, PruneReport | UserError>();
const written: string[] = [];
for (const name of names)
  for (const [how, recipe] of Object.entries(recipes)) {
    // Two layers that lose different numbers of units.
    const targets = name.startsWith('twoSizes') && how === 'shrunk' && { targets: { 'first.l0': 0.25 } };
    const request = {
      path: file(name),
      recipe: { ...recipe, ...targets, ...data },
      output: outputOf(name, how),
    };
    const report = await prune(request, recordedContext()).catch((error: unknown) => {
      if (error instanceof UserError) return error;
      throw error;
    });
    reports.set(request.output, report);
    if (!(report instanceof UserError) && !(codeOnly.has(name) && how === 'shrunk'))
      written.push(request.output);
  }
for (const name of Object.keys(beyond)) {
  const output = outputOf(name, 'pruned');
  reports.set(
    output,
    await prune({ path: file(name), recipe: { sparsity: 0.5 }, output }, recordedContext()),
  );
  written.push(output);
}
const list = join(folder, 'written.json');
await writeFile(list, JSON.stringify(written));
const answers = JSON.parse(await runPython('torchWholes.py', ['judge', folder, list])) as Judged[];

function assertClose(found: number | undefined, expected: number): void {
  const isClose = found !== undefined && Math.abs(found - expected) <= 1e-5 * Math.abs(expected);
  assert.ok(isClose, `${found}, not ${expected}`);
}

function reportOf(name: string, how: string): PruneReport {
  const report = reports.get(outputOf(name, how));
  assert.ok(report && !(report instanceof UserError), JSON.stringify(report));
  return report;
}

function answerOf(name: string, how: string): Judged {
  return answers[written.indexOf(outputOf(name, how))];
}

describe('a whole module or TorchScript archive', () => {
  for (const name of readable) {
    if (!codeOnly.has(name) && !beyond[name])
      test(`${name} has the loss that its own code computes`, async () => {
        const { loss } = await evaluate({ path: file(name), data }, recordedContext());
        assertClose(loss, losses[name]);
      });

    test(`${name} is saved unchanged byte by byte`, async () => {
      const out = join(folder, `${name}.same.pt`);
      const model = await openModel(file(name));
      await model.save(out, { compress: false }).finally(() => model.close());
      assert.ok((await readFile(out)).equals(await readFile(file(name))));
    });
  }

  for (const [name, reason] of Object.entries(unreadable))
    test(`whose weights are not there as such is refused, and why is said: ${name}`, async () => {
      await assert.rejects(openModel(file(name)), ({ info }: UserError) => {
        return (info.code === 'notATorchModel' ? info.cause?.code : info.code) === reason;
      });
    });
});

describe('a model that computes with more than its layers', () => {
  for (const [name, [reason, named]] of Object.entries(beyond)) {
    test(`is not evaluated, and what else there is is named: ${name}`, async () => {
      await assert.rejects(evaluate({ path: file(name), data }, recordedContext()), ({ info }: UserError) => {
        const { code, args } = info.cause ?? {};
        assert.equal(code, reason);
        assert.match(String(Object.values({ ...args })[0]), named);
        return true;
      });
    });

    test(`is pruned, and its own code computes with that: ${name}`, () => {
      const { after: own } = reportOf(name, 'pruned');
      const { loss, again } = answerOf(name, 'pruned');
      assert.equal(own.sparsity, 0.5);
      assert.ok(Number.isFinite(loss) && loss !== losses[name]);
      assert.equal(again, loss);
    });
  }
});

describe('its own code, with what was pruned and trained,', () => {
  for (const name of names)
    if (!codeOnly.has(name))
      test(`computes our loss: ${name}`, () => {
        const { after: own, before } = reportOf(name, 'trained');
        assertClose(own.loss, answerOf(name, 'trained').loss);
        assert.ok(own.sparsity > 0.49 && own.loss !== before.loss);
      });
});

describe('its own code, with fewer units,', () => {
  for (const name of names) {
    if (refused[name]) continue;
    if (codeOnly.has(name))
      test(`may know the size that changed, which is said: ${name}`, () => {
        const { notes } = reportOf(name, 'shrunk');
        assert.ok(notes.some(({ code }) => code === 'noteSizesInModules'));
      });
    else
      test(`computes our loss, is trained, and written again: ${name}`, () => {
        const { after: own, shrink } = reportOf(name, 'shrunk');
        const { loss, again, sizes } = answerOf(name, 'shrunk');
        assertClose(own.loss, loss);
        assert.equal(again, loss);
        for (const { name: layer, before, after: units } of shrink?.layers ?? []) {
          assert.ok(units < before);
          const module = layer.replace(/\.?l\d+(_reverse)?$/, '');
          const stated = sizes[module] ?? sizes[`module.${module}`];
          // Traced modules do not know their sizes.
          assert.equal(stated ?? units, units);
        }
        assert.ok(shrink && shrink.layers.length > 0);
      });
  }

  for (const [name, [reason, place]] of Object.entries(refused))
    test(`would contradict them in ${name}, which is refused by what and where`, () => {
      const refusal = reports.get(outputOf(name, 'shrunk'));
      assert.ok(refusal instanceof UserError, 'nothing was refused');
      const { code, args } =
        (refusal.info.code === 'shrinkUnsupported' && refusal.info.cause) || refusal.info;
      assert.equal(code, reason);
      const { place: at, attribute, size = '' } = { ...args } as Record<string, string | number>;
      assert.match(String(at ?? attribute ?? size), place);
    });
});
