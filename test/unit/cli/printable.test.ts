import assert from 'node:assert/strict';
import { test } from 'node:test';
import { called, global, type Pickled } from '../../support/pickle.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { tensor, torchZip } from '../../support/torchFile.ts';
import { json, lstmPruner } from './command.ts';

const write = scratchFiles();
const layer = 'fi\u001b[31mr\nst';
const sizes = { weight_ih_l0: [12, 2], weight_hh_l0: [12, 3] };
const entries = Object.entries(sizes).map(([name, shape]) => {
  const numel = shape[0] * shape[1];
  return { name: `${layer}.${name}`, numel, value: tensor({ storage: name, numel, shape }) };
});
const path = write(
  'model.pt',
  torchZip({
    saved: new Map<string, Pickled>([
      ...entries.map(({ name, value }) => [name, value] as const),
      ['run', called(global('os', 'sys\u001b[31mtem\u0007'), ['ls'])],
    ]),
    storages: Object.fromEntries(
      Object.keys(sizes).map((name, i) => [
        name,
        Buffer.from(new Float32Array(entries[i].numel).fill(1).buffer),
      ]),
    ),
  }),
);

test('names out of a file do not steer the terminal: layers and notes stay on their lines', async () => {
  for (const args of [
    ['inspect', path],
    ['prune', path, '--sparsity', '0.5'],
  ]) {
    const { code, out } = await lstmPruner(args);
    assert.equal(code, 0);
    assert.doesNotMatch(out, /[^\P{Cc}\n]/u);
    assert.match(out, /fi \[31mr st/);
    assert.match(out, /os\.sys \[31mtem/);
  }
});

test('JSON tells them as they are', async () => {
  const { layers } = (await json(['inspect', path])) as { layers: readonly { name: string }[] };
  assert.deepEqual(
    layers.map(({ name }) => name),
    [`${layer}.l0`],
  );
});
