import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparisonNotes } from '../../../extension/jobs/comparisonNotes.ts';
import { convert } from '../../../extension/jobs/convert.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { type LegacyFile, writeKerasH5 } from '../../support/kerasFile.ts';
import { safetensorsFile, smallStack } from '../../support/safetensorsFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallLegacy } from '../../support/smallModels.ts';

const write = scratchFiles();

async function notesOf(path: string): Promise<string[]> {
  const { notes } = await convert({ path, to: 'onnx' }, recordedContext());
  return notes.map(({ code }) => code);
}

test('a conversion says that optimizer state stays behind, where there is any', async () => {
  const withState = await writeKerasH5(write('state.h5', ''), smallLegacy(1, { optimizer: true }));
  assert.ok((await notesOf(withState)).includes('noteOptimizerNotConverted'));
  const without = await writeKerasH5(write('none.h5', ''), smallLegacy());
  assert.ok(!(await notesOf(without)).includes('noteOptimizerNotConverted'));
});

test('a conversion says what it took for granted of a list of weights', async () => {
  const path = write('m.safetensors', safetensorsFile(smallStack()));
  assert.ok((await notesOf(path)).includes('noteGraphAssumed'));
});

/** Embedding(…, 3) that masks id 0, LSTM(5), the mean over the steps that are none, Dense(2, softmax). */
function averaging(vocabulary: number): LegacyFile {
  const { layers } = smallLegacy();
  const values = Array.from({ length: 3 * vocabulary }, (_, i) => i / 10);
  const table = { name: 'embedding/embeddings:0', shape: [vocabulary, 3], values };
  const embedding = { name: 'embedding', batch_input_shape: [null, 4], input_dim: vocabulary, output_dim: 3 };
  const lstm = { name: 'lstm', units: 5, activation: 'tanh', return_sequences: true };
  return {
    config: {
      class_name: 'Sequential',
      config: {
        name: 'sequential',
        layers: [
          { class_name: 'Embedding', config: { ...embedding, mask_zero: true } },
          { class_name: 'LSTM', config: { ...lstm, recurrent_activation: 'sigmoid', use_bias: true } },
          { class_name: 'GlobalAveragePooling1D', config: { name: 'mean' } },
          { class_name: 'Dense', config: { name: 'dense', units: 2, activation: 'softmax', use_bias: true } },
        ],
      },
    },
    kerasVersion: '2.3.1',
    layers: [{ name: 'embedding', weights: [table] }, ...layers],
  };
}

test('a conversion is compared on samples that are not masked throughout', async () => {
  const path = await writeKerasH5(write('two.h5', ''), averaging(2));
  const { divergence, notes } = await convert({ path, to: 'onnx' }, recordedContext());
  assert.ok(divergence && Math.abs(divergence.value) < 1e-6, `${divergence?.value}`);
  assert.deepEqual(notes, []);
});

test('a conversion says of which outputs nothing is known, as the original puts out no number', async () => {
  // Every id is the one of padding: the mean is that of no steps.
  const path = await writeKerasH5(write('one.h5', ''), averaging(1));
  const { divergence, notes } = await convert({ path, to: 'onnx' }, recordedContext());
  assert.equal(divergence, undefined);
  assert.deepEqual(notes, [{ code: 'noteOutputsNoNumbers', args: { count: 128, all: 128 } }]);
});

test('what only rounding explains is said, and what nothing was compared of', () => {
  const outputs = { shape: [2], data: Float32Array.of(1, 2) };
  const codes = (...given: Parameters<typeof comparisonNotes>) =>
    comparisonNotes(...given).map(({ code }) => code);
  assert.deepEqual(comparisonNotes(outputs, { same: true, difference: 0.02, rounded: 0.01 }), [
    { code: 'noteRoundingGrows', args: { difference: 0.02, rounded: 0.01 } },
  ]);
  assert.deepEqual(codes(outputs, { same: true, difference: 1e-6 }), []);
  assert.deepEqual(codes(undefined, undefined), ['noteNotCompared']);
  // What was written holds loops, which are not evaluated.
  assert.deepEqual(codes(outputs, undefined), ['noteNotCompared']);
  const half = { shape: [2], data: Float32Array.of(Number.NaN, 2) };
  assert.deepEqual(codes(half, undefined), ['noteOutputsNoNumbers', 'noteNotCompared']);
});
