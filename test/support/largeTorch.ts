import { closeSync, openSync, writeSync } from 'node:fs';
import { Entry } from 'yauzl';
import { writeStored } from '../../extension/formats/zip/write.ts';
import { type Pickled, pickle } from './pickle.ts';
import { randomFloats, seeded } from './random.ts';
import { tensor, torchLegacy } from './torchFile.ts';

const chunkBytes = 4 * 2 ** 20;

/** LSTMs on each other, each with as many inputs as hidden units. */
export interface LargeLstm {
  readonly layers: number;
  readonly hidden: number;
}

interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
}

function weightsOf({ layers, hidden }: LargeLstm): Weight[] {
  return Array.from({ length: layers }, (_, layer) => [
    { name: `rnn.weight_ih_l${layer}`, shape: [4 * hidden, hidden] },
    { name: `rnn.weight_hh_l${layer}`, shape: [4 * hidden, hidden] },
    { name: `rnn.bias_ih_l${layer}`, shape: [4 * hidden] },
    { name: `rnn.bias_hh_l${layer}`, shape: [4 * hidden] },
  ]).flat();
}

function numelOf({ shape }: Weight): number {
  return shape.reduce((product, length) => product * length, 1);
}

function savedOf(weights: readonly Weight[]): Map<string, Pickled> {
  return new Map(
    weights.map((weight, i) => {
      const { name, shape } = weight;
      return [name, tensor({ storage: String(i), numel: numelOf(weight), shape })] as const;
    }),
  );
}

const noise = Buffer.from(randomFloats(chunkBytes / 4, seeded(3)).buffer);

function* values(weight: Weight): Generator<Buffer> {
  for (let left = numelOf(weight) * 4; left > 0; left -= chunkBytes) yield noise.subarray(0, left);
}

/** A state dict as torch.save writes it, piece by piece. */
export async function writeLargeZip(path: string, model: LargeLstm): Promise<void> {
  const weights = weightsOf(model);
  const entry = (name: string, bytes: () => Iterable<Buffer>) => ({
    like: Object.assign(new Entry(), {
      ...{ fileNameRaw: Buffer.from(`model/${name}`), generalPurposeBitFlag: 0x0808, lastModFileTime: 0 },
      ...{ lastModFileDate: 0, versionMadeBy: 0, internalFileAttributes: 0, externalFileAttributes: 0 },
    }),
    bytes: async function* () {
      yield* bytes();
    },
  });
  await writeStored(
    path,
    [
      entry('data.pkl', () => [pickle(savedOf(weights))]),
      ...weights.map((weight, i) => entry(`data/${i}`, () => values(weight))),
      entry('version', () => [Buffer.from('3\n')]),
    ],
    64,
  );
}

/** The same in the format of PyTorch before 1.6. */
export function writeLargeLegacy(path: string, model: LargeLstm): void {
  const weights = weightsOf(model);
  const file = openSync(path, 'w');
  try {
    const names = Object.fromEntries(weights.map((_, i) => [i, Buffer.alloc(0)]));
    const empty = torchLegacy({ saved: savedOf(weights), storages: names });
    // Each storage, empty as yet, is its count alone.
    writeSync(file, empty.subarray(0, empty.length - 8 * weights.length));
    for (const weight of weights) {
      const count = Buffer.alloc(8);
      count.writeBigInt64LE(BigInt(numelOf(weight)));
      writeSync(file, count);
      for (const chunk of values(weight)) writeSync(file, chunk);
    }
  } finally {
    closeSync(file);
  }
}
