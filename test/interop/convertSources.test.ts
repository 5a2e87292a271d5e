// State dicts of PyTorch, in its own files and in safetensors, what torch.onnx exports, and models of TensorFlow Lite become ONNX, Keras and TensorFlow.js models,
// which compute in the owner of each format what the original computed in PyTorch or in TensorFlow Lite's interpreter.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { convert } from '../../extension/jobs/convert.ts';
import type { ConversionTarget } from '../../extension/protocol/conversion.ts';
import { type Message, messages } from '../../extension/protocol/messages.ts';
import { UserError } from '../../extension/protocol/userError.ts';
import { recordedContext } from '../support/jobContext.ts';
import { type Converted, outputIn, ownersResults } from './converted.ts';
import { runPython, scratchFolder } from './environment.ts';
import { agree } from './kerasCase.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

interface Source {
  readonly name: string;
  readonly path: string;
  readonly inputs: PackedArray[];
  readonly outputs: PackedArray[];
}

const { folder, remove } = await scratchFolder();
after(remove);

async function made(script: string, list: string): Promise<Source[]> {
  await runPython(script, [folder]);
  return JSON.parse(await readFile(join(folder, list), 'utf8')) as Source[];
}

const sources: Readonly<Record<string, readonly Source[]>> = {
  PyTorch: await made('convertSources.py', 'torch.json'),
  'PyTorch through ONNX': await made('convertExports.py', 'exports.json'),
  'TensorFlow Lite': await made('tfliteModels.py', 'cases.json'),
};

/** What no layer of Keras does, by source and model. */
const beyondKeras: Readonly<Record<string, string>> = {
  'PyTorch projection': 'a projection',
  'PyTorch bothProjected': 'a projection',
  'PyTorch wideProjection': 'a projection',
  'PyTorch packedAll': 'a projection',
  'TensorFlow Lite peepholes': 'peepholes',
  'TensorFlow Lite coupled': 'an input gate coupled to the forget gate',
  'TensorFlow Lite projection': 'a projection',
  'TensorFlow Lite clipped': 'a projection',
  'TensorFlow Lite bidirectional_merged': 'peepholes',
  'TensorFlow Lite bidirectional_coupled': 'an input gate coupled to the forget gate',
  'TensorFlow Lite bidirectional_projection': 'a projection',
  'TensorFlow Lite quantized_coupled': 'an input gate coupled to the forget gate',
  // Its numbers are multiplied by one that is no layer's.
  'TensorFlow Lite cast': 'weights read as a tensor',
};
/** What TensorFlow.js lacks beside that. */
const beyondTfjs: Readonly<Record<string, string>> = {
  // Its GRU resets the state itself, PyTorch's what comes of it.
  'PyTorch stackedGru': 'reset_after',
  'PyTorch noBias': 'reset_after',
  'PyTorch gruCell': 'reset_after',
  'PyTorch packedMean': 'reset_after',
  'PyTorch mean': 'reset_after',
  'PyTorch max': 'reset_after',
  'PyTorch convolvedTokens': 'padding by other lengths',
  'PyTorch convolvedStates': 'padding by other lengths',
  'PyTorch convolvedGroups': 'a convolution in groups',
  'PyTorch through ONNX mean classic': 'a sum, mean, maximum or minimum over these axes',
  'PyTorch through ONNX mean dynamo': 'a sum, mean, maximum or minimum over these axes',
  'PyTorch through ONNX clamped_mean classic': 'a sum, mean, maximum or minimum over these axes',
  'PyTorch through ONNX roots classic': 'the activation {name}',
  'PyTorch through ONNX unit classic': 'a sum, mean, maximum or minimum over these axes',
  'PyTorch through ONNX powers classic': 'the activation {name}',
  'PyTorch through ONNX shares classic': 'a sum, mean, maximum or minimum over these axes',
  'PyTorch through ONNX weighted classic': 'a sum, mean, maximum or minimum over these axes',
  // What a backward layer puts out, turned round.
  'TensorFlow Lite both_rnn_apart': 'steps in reverse order',
  'TensorFlow Lite both_rnn_quantized_asymmetric': 'steps in reverse order',
  'TensorFlow Lite bidirectional_apart': 'steps in reverse order',
};

function expectedRefusal(to: ConversionTarget, from: string, name: string): string | undefined {
  if (to === 'onnx') return undefined;
  const key = `${from} ${name}`;
  return beyondKeras[key] ?? (to === 'tfjs' ? beyondTfjs[key] : undefined);
}

for (const [from, models] of Object.entries(sources)) {
  describe(`a model of ${from}`, () => {
    for (const to of ['onnx', 'keras', 'tfjs'] as const) {
      test(`as ${to} computes what ${from} computes, or is refused by what ${to} lacks`, async () => {
        const converted: Converted[] = [];
        for (const { name, path, inputs } of models) {
          const output = outputIn(folder, `${from}.${name}`, to);
          const wrong = expectedRefusal(to, from, name);
          try {
            const { divergence } = await convert({ path, output }, recordedContext());
            assert.ok(divergence && divergence.value <= 1e-7, `${name}: ${divergence?.value}`);
            assert.equal(wrong, undefined, name);
            converted.push({ name, path: output, inputs });
          } catch (error) {
            if (!(error instanceof UserError)) throw error;
            const { what } = error.info.args as { what?: string | Message };
            const said = typeof what === 'object' ? messages[what.code] : what;
            assert.equal(said, wrong, `${name}: ${error.message}`);
          }
        }
        const results = await ownersResults(to, folder, converted);
        for (const [i, { name }] of converted.entries()) {
          const result = results[i];
          assert.ok('outputs' in result, `${name}: ${'error' in result ? result.error : ''}`);
          const original = models.find((one) => one.name === name);
          // The interpreter's own integers are not those that were written.
          if (name.includes('quantized')) continue;
          agree(result.outputs.map(unpacked), original?.outputs.map(unpacked) ?? [], 1e-5);
        }
      });
    }
  });
}
