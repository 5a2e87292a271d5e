import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { writeKerasH5 } from './kerasFile.ts';
import type { LargeLstm } from './largeTorch.ts';
import { attribute, externalTensor, int64Tensor, model, node, value } from './onnxFile.ts';
import { randomFloats, seeded } from './random.ts';
import { safetensorsBytes } from './safetensorsFile.ts';

/** Values of one of the two matrices of a layer; those of the first layer are not 0. */
function matrix({ hidden }: LargeLstm, layer: number): Float32Array {
  return layer === 0 ? randomFloats(4 * hidden ** 2, seeded(3)) : new Float32Array(4 * hidden ** 2);
}

/** Arrays of float32 one behind the other, behind a head; only what is not 0 is written, where the file system has holes. */
function writeSparse(path: string, head: Buffer, large: LargeLstm, layerBytes: number): void {
  const file = openSync(path, 'w');
  try {
    writeSync(file, head);
    ftruncateSync(file, head.length + large.layers * layerBytes);
    const values = Buffer.from(matrix(large, 0).buffer);
    for (const at of [0, values.length]) writeSync(file, values, 0, values.length, head.length + at);
  } finally {
    closeSync(file);
  }
}

/** LSTMs on each other by their names in PyTorch, as safetensors. */
export function writeLargeSafetensors(path: string, large: LargeLstm): void {
  const { layers, hidden } = large;
  const header: Record<string, object> = {};
  let at = 0;
  for (let layer = 0; layer < layers; layer++) {
    for (const [role, shape] of [
      ['weight_ih', [4 * hidden, hidden]],
      ['weight_hh', [4 * hidden, hidden]],
      ['bias_ih', [4 * hidden]],
      ['bias_hh', [4 * hidden]],
    ] as const) {
      const bytes = 4 * shape.reduce((product: number, length) => product * length, 1);
      header[`rnn.${role}_l${layer}`] = { dtype: 'F32', shape, data_offsets: [at, at + bytes] };
      at += bytes;
    }
  }
  writeSparse(path, safetensorsBytes(header, Buffer.alloc(0)), large, at / layers);
}

/** The same as an ONNX model whose weights lie in `NAME.data` beside it. */
export function writeLargeOnnx(path: string, name: string, large: LargeLstm): void {
  const { layers, hidden } = large;
  const bytes = 16 * hidden ** 2;
  const weight = (role: string, layer: number, at: number) =>
    externalTensor(`${role}${layer}`, [1, 4 * hidden, hidden], {
      ...{ location: `${name}.data`, offset: String(at), length: String(bytes) },
    });
  const indices = Array.from({ length: layers }, (_, layer) => layer);
  const graph = {
    nodes: indices.flatMap((layer) => [
      node(
        'LSTM',
        [`X${layer}`, `W${layer}`, `R${layer}`],
        [`Y${layer}`],
        [attribute('hidden_size', hidden)],
        {
          name: `lstm${layer}`,
        },
      ),
      node('Squeeze', [`Y${layer}`, 'axes'], [`X${layer + 1}`]),
    ]),
    initializers: [
      int64Tensor('axes', [1], [1]),
      ...indices.flatMap((layer) => [
        weight('W', layer, 2 * layer * bytes),
        weight('R', layer, (2 * layer + 1) * bytes),
      ]),
    ],
    inputs: [value('X0', ['time', 'batch', hidden])],
    outputs: [value(`X${layers}`, ['time', 'batch', hidden])],
  };
  writeFileSync(path, model(graph));
  writeSparse(`${path}.data`, Buffer.alloc(0), large, 2 * bytes);
}

/** The same as Keras 2 saves it. */
export function writeLargeH5(path: string, large: LargeLstm): Promise<string> {
  const { layers, hidden } = large;
  const names = Array.from({ length: layers }, (_, layer) => `lstm_${layer}`);
  const units = { units: hidden, activation: 'tanh', recurrent_activation: 'sigmoid', use_bias: false };
  return writeKerasH5(path, {
    config: {
      class_name: 'Sequential',
      config: names.map((name) => ({
        class_name: 'LSTM',
        config: { name, batch_input_shape: [null, null, hidden], return_sequences: true, ...units },
      })),
    },
    kerasVersion: '2.1.6',
    layers: names.map((name, layer) => ({
      name,
      weights: ['kernel', 'recurrent_kernel'].map((role) => ({
        name: `${name}/${role}:0`,
        shape: [hidden, 4 * hidden],
        // Made when it is written, so that one is in memory at a time.
        get values() {
          return matrix(large, layer);
        },
      })),
    })),
  });
}
