import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from '../../../extension/jobs/evaluate.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import { fill } from '../../../extension/protocol/labels.ts';
import { word } from '../../../extension/protocol/wording.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { floats, integers } from '../../support/npy.ts';
import { safetensorsFile, smallStack } from '../../support/safetensorsFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses, messageFrom } from '../../support/throwsCode.ts';

const write = scratchFiles();
const every = '{ "layers": [{ "embedding": "emb" }, { "lstm": "rnn" }, { "linear": "fc" }] }';

const zeros = (count: number) => Array<number>(count).fill(0);
const data = {
  x: write('x.npy', integers([10, 4], zeros(40))),
  y: write('y.npy', integers([10, 4], zeros(40))),
};

async function assertSays(action: () => unknown, ...parts: readonly string[]): Promise<void> {
  const message = await messageFrom(action);
  assert.equal(message.code, 'misfitAssumed');
  const sentence = word(message, fill);
  for (const part of parts) assert.ok(sentence.includes(part), `"${part}" is not in "${sentence}"`);
}

test('targets for every step are refused with the layers to list, where "last" was taken for granted', async () => {
  const path = write('tagger.safetensors', safetensorsFile(smallStack()));
  const parts = ['y.npy', '[10, 4]', '"last"', every, 'tagger.lstmprune-model.json'];
  await assertSays(() => evaluate({ path, data }, recordedContext()), ...parts);
  for (const training of [{}, { epochs: 1, recovery: 'unsupervised' }] as const) {
    const recipe = { sparsity: 0.5, ...data, ...training };
    await assertSays(() => prune({ path, recipe }, recordedContext()), ...parts);
  }

  write('tagger.lstmprune-model.json', every);
  assert.ok((await evaluate({ path, data }, recordedContext())).loss > 0);
});

test('inputs of another shape are refused with all that was taken for granted', async () => {
  const path = write('other.safetensors', safetensorsFile(smallStack()));
  const wide = { ...data, x: write('wide.npy', floats([10, 4, 5], zeros(200))) };
  const parts = ['wide.npy', '[10, 4, 5]', 'Taken for granted', '"last"', 'other.lstmprune-model.json'];
  await assertSays(() => evaluate({ path, data: wide }, recordedContext()), ...parts);

  write('other.lstmprune-model.json', every);
  await assertRefuses(() => evaluate({ path, data: wide }, recordedContext()), 'arrayShape', 'wide.npy');
});
