import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type LegacyFile,
  type StoredWeight,
  writeKerasArchive,
  writeKerasH5,
} from '../../support/kerasFile.ts';
import { root, shared } from '../../support/paths.ts';
import { attendingArchive, attendingLegacy, smallArchive, smallLegacy } from '../../support/smallModels.ts';

type Write = (name: string, content: Buffer | string) => string;
type ModelFiles = Record<string, () => Promise<string> | string>;

export const predmaint = join(shared, 'models/predmaint/binary_model.h5');
export const circuit = join(shared, 'models/circuitrnn/lstm_model.h5');
export const reber = join(root, 'examples/reber/reber.keras');

const chunked = (weight: StoredWeight): StoredWeight =>
  weight.shape.length === 2 ? { ...weight, chunks: weight.shape.map((n) => Math.min(n, 4)) } : weight;

function withWeights(model: LegacyFile, change: (weight: StoredWeight) => StoredWeight): LegacyFile {
  return {
    ...model,
    layers: model.layers.map((layer) => ({ ...layer, weights: layer.weights.map(change) })),
  };
}

/** Small models as .h5, in every way of storing weights. */
export function h5ModelFiles(write: Write): ModelFiles {
  return {
    float32: () => writeKerasH5(write('a.h5', ''), smallLegacy()),
    'with optimizer state and training configuration': () =>
      writeKerasH5(write('b.h5', ''), smallLegacy(2, { optimizer: true, training: { loss: 'mse' } })),
    'in chunks': () => writeKerasH5(write('c.h5', ''), withWeights(smallLegacy(3), chunked)),
    'in compressed chunks': () =>
      writeKerasH5(
        write('g.h5', ''),
        withWeights(smallLegacy(5), (weight) => ({ ...weight, chunks: weight.shape, gzip: true })),
      ),
    float64: () =>
      writeKerasH5(
        write('d.h5', ''),
        withWeights(smallLegacy(4), (weight) => ({ ...weight, dtype: '<d' })),
      ),
    'with a scalar': () => writeKerasH5(write('f.h5', ''), attendingLegacy(6)),
    // Written by h5py: kernel[i] = i / 8 − 1, recurrent kernel[i] = i / 16 − 1, row-major.
    float16: () => write('e.h5', readFileSync(join(root, 'test/fixtures/halfFloats.h5'))),
  };
}

export const extra = { name: 'assets/vocabulary.txt', bytes: Buffer.from('a\nb\n') };

/** Small models as .keras. */
export function archiveFiles(write: Write): ModelFiles {
  return {
    'as Keras writes it': () => writeKerasArchive(write('a.keras', ''), smallArchive()),
    'with further entries': () =>
      writeKerasArchive(
        write('b.keras', ''),
        smallArchive(1, { before: [extra], behind: [{ ...extra, name: 'ä.txt' }] }),
      ),
    deflated: () =>
      writeKerasArchive(write('c.keras', ''), smallArchive(1, { deflate: true, behind: [extra] })),
    'in bfloat16': () => {
      const model = smallArchive();
      const groups = model.groups.map((group) => ({
        ...group,
        weights: group.weights.map((weight) => ({ ...weight, dtype: 'bfloat16' as const })),
      }));
      return writeKerasArchive(write('d.keras', ''), { ...model, groups });
    },
    'with one number as a weight': () => writeKerasArchive(write('e.keras', ''), attendingArchive(6)),
    'of the example': () => reber,
  };
}
