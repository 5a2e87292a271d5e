import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { floats, tensor, torchZip } from './torchFile.ts';

const shapes = { weight_ih_l0: [8, 3], weight_hh_l0: [8, 2], bias_ih_l0: [8], bias_hh_l0: [8] };

/** The files that an index of `writeTorchShards` lists. */
export const shardNames = ['pytorch_model-00001-of-00002.bin', 'pytorch_model-00002-of-00002.bin'];

/**
 * Writes an LSTM of two units whose matrices lie in one file and its biases in the other; each tensor counts from 1.
 * @param changedPlaces files by the tensors that the index says to lie there
 * @param prefix of the tensors' names
 * @returns the index
 */
export function writeTorchShards(folder: string, changedPlaces: object = {}, prefix = ''): string {
  const entries = Object.entries(shapes).map(([name, shape]) => [`${prefix}rnn.${name}`, shape] as const);
  for (const [i, file] of shardNames.entries()) {
    const own = entries.slice(i * 2, i * 2 + 2).map(([name, shape]) => {
      const numel = shape.reduce((a, b) => a * b, 1);
      return { name, numel, value: tensor({ storage: name, numel, shape }) };
    });
    writeFileSync(
      join(folder, file),
      torchZip({
        saved: new Map(own.map(({ name, value }) => [name, value])),
        storages: Object.fromEntries(
          own.map(({ name, numel }) => [name, floats(...Array.from({ length: numel }, (_, n) => n + 1))]),
        ),
      }),
    );
  }
  const places = Object.fromEntries(entries.map(([name], i) => [name, shardNames[i >> 1]]));
  const path = join(folder, 'pytorch_model.bin.index.json');
  const index = { metadata: { total_size: 224 }, weight_map: { ...places, ...changedPlaces } };
  writeFileSync(path, JSON.stringify(index));
  return path;
}
