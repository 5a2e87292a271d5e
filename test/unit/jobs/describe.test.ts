import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openModel } from '../../../extension/formats/open.ts';
import { inspect } from '../../../extension/jobs/inspect.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import { fill } from '../../../extension/protocol/labels.ts';
import type { Message } from '../../../extension/protocol/messages.ts';
import { word } from '../../../extension/protocol/wording.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { safetensorsFile, smallStack } from '../../support/safetensorsFile.ts';
import { scratchFiles } from '../../support/scratch.ts';

const write = scratchFiles();
const layers = [{ embedding: 'emb' }, { lstm: 'rnn' }, 'max', { linear: 'fc' }, 'softmax'];

const said = (notes: readonly Message[], code: Message['code']) => notes.some((note) => note.code === code);

async function operatorsOf(path: string): Promise<string[]> {
  const model = await openModel(path);
  await model.close();
  return model.graph?.nodes.map(({ op }) => op) ?? [];
}

test('a pruned file is computed as its original’s description says, wherever it is written', async () => {
  const path = write('m.safetensors', safetensorsFile(smallStack()));
  write('m.lstmprune-model.json', JSON.stringify({ layers }));
  const operators = ['Gather', 'LSTM', 'LSTM', 'ReduceMax', 'MatMul', 'Softmax'];
  assert.deepEqual(await operatorsOf(path), operators);

  const beside = await prune({ path, recipe: { sparsity: 0.5 } }, recordedContext());
  assert.equal(beside.after.divergence?.kind, 'kl');
  assert.deepEqual(await operatorsOf(beside.output), operators);
  assert.ok(!existsSync(beside.output.replace('.safetensors', '.lstmprune-model.json')));
  assert.ok(!said(beside.notes, 'noteGraphAssumed') && !said(beside.notes, 'noteDescribed'));

  const folder = join(dirname(path), 'elsewhere');
  mkdirSync(folder);
  const output = join(folder, 'n.safetensors');
  const away = await prune({ path, recipe: { sparsity: 0.5 }, output }, recordedContext());
  assert.ok(said(away.notes, 'noteDescribed'));
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'n.lstmprune-model.json'), 'utf8')), { layers });
  assert.deepEqual(await operatorsOf(output), operators);
});

test('what is taken for granted is said beside a result, and beside the gates until the user says it', async () => {
  const path = write('plain.safetensors', safetensorsFile(smallStack()));
  const [assumed] = (await inspect({ path }, recordedContext())).assumptions ?? [];
  assert.equal(assumed?.code, 'noteGraphAssumed');
  const text = word(assumed, fill);
  assert.ok(text.startsWith('plain.safetensors does not say'), text);
  for (const part of [
    '{ "lstm": "rnn" }',
    '"last"',
    'samples first',
    'no dropout',
    'plain.lstmprune-model.json',
  ])
    assert.ok(text.includes(part), `${part} in ${text}`);
  const described = write('plain.lstmprune-model.json', JSON.stringify({ layers }));
  assert.equal((await inspect({ path }, recordedContext())).assumptions, undefined);
  rmSync(described);
  const { notes, after } = await prune({ path, recipe: { sparsity: 0.5 } }, recordedContext());
  assert.ok(said(notes, 'noteGraphAssumed'));
  assert.equal(after.divergence?.kind, 'relative-mse');
});
