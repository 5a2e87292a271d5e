import type { ValueName } from '../../../model/graph.ts';
import type { Builder, Lowering, PlacedLayer, Value } from './lowering.ts';
import { setting } from './options.ts';
import { ranksOf } from './ranks.ts';
import { unsupported } from './refusals.ts';

/** An input, and along which axis it is multiplied and summed. */
interface Side {
  readonly name: ValueName;
  readonly rank: number;
  readonly axis: number;
}

/**
 * The sum over one axis of each of two inputs [B,n] or [B,n,m], of the product of every place along the other axes. Masks are dropped.
 */
export const dot: Lowering = (layer, inputs, builder) => {
  const [a, b] = sidesOf(layer, inputs, builder).map((side) => normalized(layer, side, builder));
  const left = arranged(layer, a, { summed: 2 }, builder);
  const right = arranged(layer, b, { summed: 1 }, builder);
  const base = builder.base(layer, left, right);
  const product = builder.add({ ...base, op: 'Product' });
  // One axis is left of them both, and one more of each that has three.
  if (a.rank === 3 && b.rank === 3) return { name: product };
  const shape = a.rank === 2 && b.rank === 2 ? [1] : [-1];
  return { name: reshaped(layer, product, shape, builder) };
};

function sidesOf(layer: PlacedLayer, inputs: readonly Value[], builder: Builder): Side[] {
  const { axes: given = -1 } = layer.config;
  const axes = Array.isArray(given) ? given : [given, given];
  if (inputs.length !== 2 || axes.length !== 2) throw unsupported(layer, setting('axes', given));
  const ranks = ranksOf(builder);
  return inputs.map(({ name }, i) => {
    const rank = layer.calls[0]?.inputs[i]?.shape?.length ?? ranks.get(name) ?? 0;
    const axis = axes[i] < 0 ? axes[i] + rank : axes[i];
    if (!(rank === 2 || rank === 3) || !(axis === 1 || axis === rank - 1))
      throw unsupported(layer, setting('axes', given));
    return { name, rank, axis };
  });
}

function normalized(layer: PlacedLayer, side: Side, builder: Builder): Side {
  if (layer.config.normalize !== true) return side;
  const base = builder.base(layer, side.name);
  return { ...side, name: builder.add({ ...base, op: 'LpNormalization', axis: side.axis, epsilon: 1e-14 }) };
}

/** A side of three axes, the one that is summed where the product wants it. */
function arranged(
  layer: PlacedLayer,
  { name, rank, axis }: Side,
  { summed }: { readonly summed: 1 | 2 },
  builder: Builder,
): ValueName {
  if (rank === 2) return reshaped(layer, name, summed === 2 ? [1, -1] : [-1, 1], builder);
  if (axis === summed) return name;
  return builder.add({ ...builder.base(layer, name), op: 'Transpose', permutation: [0, 2, 1] });
}

function reshaped(
  layer: PlacedLayer,
  from: ValueName,
  shape: readonly number[],
  builder: Builder,
): ValueName {
  return builder.add({ ...builder.base(layer, from), op: 'Reshape', shape });
}
