import type { ValueName } from '../../../model/graph.ts';
import type { MergeNode } from '../../../model/mergeNode.ts';
import type { Builder, Lowering, PlacedLayer, Value } from './lowering.ts';
import { wholeAxis } from './options.ts';
import { unsupported } from './refusals.ts';
import { foundMask } from './takenMasks.ts';

/**
 * Add, Subtract and Average take masked steps like any other. Multiply, Maximum and Minimum leave an input out where it is
 * masked since Keras 3.
 */
export function merge(op: MergeNode['op']): Lowering {
  const leavesOut = op === 'Mul' || op === 'Max' || op === 'Min';
  return (layer, inputs, builder) => {
    const masks = inputs.map(foundMask);
    const heeds = leavesOut && builder.version.major === 3 && masks.some((mask) => mask !== undefined);
    const name = builder.add({
      op,
      inputs: inputs.map((input) => input.name),
      outputs: [builder.fresh(layer)],
      origin: layer.path,
      ...(heeds && { masks }),
    });
    return withMask(name, mergedMask(layer, inputs, builder), inputs);
  };
}

export const concatenate: Lowering = (layer, inputs, builder) => {
  const axis = wholeAxis(layer, layer.config.axis ?? -1);
  const name = builder.add({
    op: 'Concat',
    inputs: inputs.map((input) => input.name),
    outputs: [builder.fresh(layer)],
    origin: layer.path,
    axis,
  });
  return withMask(name, concatenatedMask(layer, inputs, axis, builder), inputs);
};

/** The merged mask is on the tensor where each of the inputs' is. */
function withMask(name: ValueName, mask: ValueName | undefined, inputs: readonly Value[]): Value {
  const isTaken = inputs.some(({ taken }) => taken);
  return mask === undefined ? { name } : { name, mask, ...(isTaken && { taken: true }) };
}

/** Keras 1 and 2 count a step that no input masks; Keras 3 one that any input leaves in, if all have masks. */
function mergedMask(layer: PlacedLayer, inputs: readonly Value[], builder: Builder): ValueName | undefined {
  const masks = masksOf(inputs);
  const any = builder.version.major === 3;
  if (masks.length === 0 || (any && masks.length < inputs.length)) return undefined;
  const different = [...new Set(masks)];
  if (different.length === 1) return different[0];
  const outputs = [builder.fresh(layer)];
  return builder.add({ op: any ? 'Or' : 'And', inputs: different, outputs, origin: layer.path });
}

/** Along the features masks merge; along time they follow one another. */
function concatenatedMask(
  layer: PlacedLayer,
  inputs: readonly Value[],
  axis: number,
  builder: Builder,
): ValueName | undefined {
  const masks = masksOf(inputs);
  if (axis === -1 || axis === 2 || masks.length === 0) return mergedMask(layer, inputs, builder);
  const taken = inputs.filter((input) => input.taken).length;
  if (axis === 1 && masks.length === inputs.length && (taken === 0 || taken === inputs.length)) {
    const outputs = [builder.fresh(layer)];
    return builder.add({ op: 'Concat', inputs: masks, outputs, origin: layer.path, axis: 1 });
  }
  throw unsupported(layer, { code: 'optionMaskedAlong', args: { axis } });
}

function masksOf(inputs: readonly Value[]): ValueName[] {
  return inputs.flatMap(({ mask }) => (mask === undefined ? [] : [mask]));
}
