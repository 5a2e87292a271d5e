import { writeFileSync } from 'node:fs';
import {
  type ArchiveGroup,
  archiveWeightsBytes,
  type LegacyLayer,
  type StoredWeight,
  writeKerasH5,
} from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { weight } from './open.ts';

const write = scratchFiles();
/** Units of every layer here. */
export const H = 2;

/** Configuration of a model of these layers, one behind the other. */
export function sequential(...layers: object[]) {
  return { class_name: 'Sequential', config: { name: 'model', layers } };
}

/** A file as `save_weights` of Keras 1 and 2 lays it out. */
export function listed(layers: readonly LegacyLayer[], more: object = {}): Promise<string> {
  return writeKerasH5(write('listed.h5', ''), { config: {}, layers, weightsOnly: true, ...more });
}

/** A file as `save_weights` of Keras 3 lays it out. */
export async function tree(groups: readonly ArchiveGroup[]): Promise<string> {
  const path = write('tree.weights.h5', '');
  writeFileSync(path, await archiveWeightsBytes(`${path}.part`, groups));
  return path;
}

/** Arrays of a layer of so many gates. */
export function arrays(prefix: string, gates: number, inputs: number, ...bias: number[]): StoredWeight[] {
  const names = ['kernel:0', 'recurrent_kernel:0', 'bias:0'];
  const shapes = [[inputs, gates * H], [H, gates * H], ...(bias.length > 0 ? [bias] : [])];
  return shapes.map((shape, i) => weight(`${prefix}${names[i]}`, ...shape));
}

/** The same without names, as the tree has them. */
export function numbered(gates: number, inputs: number, ...bias: number[]): StoredWeight[] {
  return arrays('', gates, inputs, ...bias);
}
