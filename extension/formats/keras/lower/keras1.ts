import { entryOf } from '../../entryOf.ts';
import type { PlacedLayer } from './lowering.ts';

type Words = Readonly<Record<string, string>>;

const pooling: Words = { pool_length: 'pool_size', stride: 'strides', border_mode: 'padding' };
/** Layers of Keras 1 whose options Keras 2 calls otherwise, with what it calls them. */
const options: ReadonlyMap<string, Words> = new Map([
  ['MaxPooling1D', pooling],
  ['AveragePooling1D', pooling],
  ['MaxPooling2D', { border_mode: 'padding' }],
  ['AveragePooling2D', { border_mode: 'padding' }],
  ['UpSampling1D', { length: 'size' }],
  ['Convolution1D', { subsample_length: 'strides', border_mode: 'padding' }],
]);

/** What Keras 1 merges by in one layer, of which Keras 2 makes several. */
const merges: ReadonlyMap<unknown, string> = new Map([
  ['sum', 'Add'],
  ['mul', 'Multiply'],
  ['ave', 'Average'],
  ['max', 'Maximum'],
  ['concat', 'Concatenate'],
]);

/**
 * A layer of Keras 1 as Keras 2 would describe it. A Merge at the beginning of a Sequential holds the models that it merges, and stays what it is.
 * @param count of tensors that it reads
 */
export function asKeras2(layer: PlacedLayer, count: number): PlacedLayer {
  const { className, config } = layer;
  const merged = className === 'Merge' && count > 1 ? merges.get(config.mode) : undefined;
  if (merged) return { ...layer, className: merged, config: { ...config, axis: config.concat_axis } };
  const words = options.get(className);
  if (!words) return layer;
  const entries = Object.entries(config).map(([key, value]) => [entryOf(words, key) ?? key, value]);
  return {
    ...layer,
    className: className === 'Convolution1D' ? 'Conv1D' : className,
    config: Object.fromEntries(entries),
  };
}
