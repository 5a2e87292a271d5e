import { randomFloats, seeded } from './random.ts';

export interface StoredTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

/** A tensor of these values, or of seeded ones. */
export function floatTensor(
  name: string,
  shape: readonly number[],
  values?: readonly number[],
): StoredTensor {
  const size = shape.reduce((product, n) => product * n, 1);
  const own = values ? Float32Array.from(values) : randomFloats(size, seeded(name.length + size));
  return { name, dtype: 'F32', shape, bytes: Buffer.from(own.buffer) };
}

/** The JSON of a header for tensors that follow each other. */
export function headerOf(tensors: readonly StoredTensor[]): Record<string, unknown> {
  let at = 0;
  return Object.fromEntries(
    tensors.map(({ name, dtype, shape, bytes }) => {
      const begin = at;
      at += bytes.length;
      return [name, { dtype, shape, data_offsets: [begin, at] }];
    }),
  );
}

/** The bytes of a file with this header, whatever that says. */
export function safetensorsBytes(header: unknown, data: Buffer): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

export function safetensorsFile(tensors: readonly StoredTensor[], metadata?: Record<string, string>): Buffer {
  const header = { ...(metadata && { __metadata__: metadata }), ...headerOf(tensors) };
  return safetensorsBytes(header, Buffer.concat(tensors.map(({ bytes }) => bytes)));
}

/** Embedding(7, 3), LSTM(3, 4) in two layers, Linear(4, 2), by their names in a module. */
export function smallStack(): StoredTensor[] {
  const layer = (k: number, inputs: number) => [
    floatTensor(`rnn.bias_hh_l${k}`, [16]),
    floatTensor(`rnn.bias_ih_l${k}`, [16]),
    floatTensor(`rnn.weight_hh_l${k}`, [16, 4]),
    floatTensor(`rnn.weight_ih_l${k}`, [16, inputs]),
  ];
  return [
    floatTensor('emb.weight', [7, 3]),
    floatTensor('fc.bias', [2]),
    floatTensor('fc.weight', [2, 4]),
    ...layer(0, 3),
    ...layer(1, 4),
  ];
}

/** The tensors in two files, and first the index of them. */
export function shardedFiles(tensors: readonly StoredTensor[]): Record<string, Buffer> {
  const half = Math.ceil(tensors.length / 2);
  const parts = { 'a.safetensors': tensors.slice(0, half), 'b.safetensors': tensors.slice(half) };
  const places = Object.entries(parts).flatMap(([file, own]) => own.map(({ name }) => [name, file] as const));
  const size = tensors.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const index = { metadata: { total_size: size }, weight_map: Object.fromEntries(places) };
  return {
    'model.safetensors.index.json': Buffer.from(JSON.stringify(index)),
    ...Object.fromEntries(Object.entries(parts).map(([file, own]) => [file, safetensorsFile(own)])),
  };
}
