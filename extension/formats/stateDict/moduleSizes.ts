import { type KeptIndices, keptShape } from '../../model/shrinking.ts';
import type { Modules } from './modules.ts';

/** A size that a module was made with, by the name that PyTorch gives it, as it is and as it becomes. */
export interface ModuleSize {
  /** Of the module. */
  readonly path: string;
  readonly name: SizeName;
  readonly before: number;
  readonly after: number;
}

export type SizeName =
  | 'input_size'
  | 'hidden_size'
  | 'proj_size'
  | 'num_embeddings'
  | 'embedding_dim'
  | 'in_features'
  | 'out_features'
  | 'in_channels'
  | 'out_channels'
  | 'num_features'
  | 'normalized_shape';

/** What stands along the axes of a module's weight. */
const axisNames = {
  embedding: ['num_embeddings', 'embedding_dim'],
  linear: ['out_features', 'in_features'],
  // Those of the input are those of one group.
  conv1d: ['out_channels', 'in_channels'],
  batchNorm: ['num_features'],
  layerNorm: ['normalized_shape'],
} as const satisfies Record<string, readonly SizeName[]>;

/**
 * The sizes of all modules, those that stay as well.
 * @param kept by a parameter's name the indices that stay
 */
export function moduleSizes(
  { recurrent, plain }: Modules,
  kept: ReadonlyMap<string, KeptIndices>,
): ModuleSize[] {
  const sizes: ModuleSize[] = [];
  const add = (path: string, name: SizeName, before: number, after = before) =>
    sizes.push({ path, name, before, after });
  const keptOf = (name: string, axis: number) => kept.get(name)?.[axis]?.length;
  for (const { path, layers } of recurrent) {
    const [[{ gates, projection, inputSize }]] = layers;
    const [{ kernel, recurrent: own }] = gates;
    add(path, 'input_size', inputSize, keptOf(kernel.parameter.name, 1));
    const outputs = [own.columns, keptOf(own.parameter.name, 1)] as const;
    if (!projection) add(path, 'hidden_size', ...outputs);
    else {
      add(path, 'hidden_size', projection.columns, keptOf(projection.parameter.name, 1));
      add(path, 'proj_size', ...outputs);
    }
  }
  for (const { path, kinds, parameters: own } of plain) {
    const weight = own.get('weight') ?? own.get('running_mean');
    const [kind] = kinds;
    if (!weight || !kind) continue;
    const shape = keptShape(weight.shape, kept.get(weight.name) ?? []);
    for (const [axis, name] of axisNames[kind].entries()) add(path, name, weight.shape[axis], shape[axis]);
  }
  return sizes;
}

/** `encoder.rnn: hidden_size 24 → 11`, of each that changes. */
export function sizeTexts(sizes: readonly ModuleSize[]): string[] {
  return sizes.flatMap(({ path, name, before, after }) =>
    before === after ? [] : [`${path === '' ? '' : `${path}: `}${name} ${before} → ${after}`],
  );
}
