import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { KeptIndices, Shrinking } from '../../model/shrinking.ts';
import type { LayoutChanges, RebuildPurpose, StoredOrder } from '../hdf5/rebuildable.ts';
import { cudnnOrder } from './cudnn.ts';
import { tensorKey } from './lower/lowering.ts';
import type { KerasContents, RewrittenFile } from './model.ts';
import type { LeafParameters } from './parameters.ts';
import { cellOf } from './recurrent.ts';
import { shrinkConfig } from './shrinkConfig.ts';

/** The new configuration, and what stays of each dataset. */
export function shrunkFile(
  { config, configText }: Pick<KerasContents, 'config' | 'configText'>,
  leaves: readonly LeafParameters[],
  tensors: ReadonlyMap<string, string>,
  { parameters, values }: Shrinking,
): RewrittenFile {
  const kept = new Map<string, KeptIndices>();
  const orders = new Map<string, StoredOrder>();
  for (const { name, dataset, cudnn } of leaves.flatMap((leaf) => leaf.parameters)) {
    const own = parameters.get(name);
    const path = dataset.replace(/^\/?/, '/');
    if (own) kept.set(path, own);
    if (cudnn) orders.set(path, cudnnOrder(cudnn.gates));
  }
  const byPath = new Map(leaves.map((leaf) => [leaf.leaf.path, leaf]));
  const text = shrinkConfig(configText, config, {
    shape: (network, tensor) => values.get(tensors.get(tensorKey(network, tensor)) ?? ''),
    units: (path) => keptUnits(byPath.get(path), parameters),
  });
  return { configText: text, layout: { kept, orders } };
}

/** Of a recurrent layer the rows of its recurrent kernel, of another one the last axis of what it multiplies with last. */
function keptUnits(found: LeafParameters | undefined, kept: Shrinking['parameters']): number | undefined {
  if (!found) return undefined;
  const { leaf, parameters } = found;
  const [first, second] = parameters.map(({ name }) => kept.get(name));
  if (cellOf(leaf)) return second?.[0]?.length;
  switch (leaf.className) {
    case 'Conv1DTranspose':
      return first?.[1]?.length;
    case 'SeparableConv1D':
    case 'SeparableConv2D':
      return second?.at(-1)?.length;
    default:
      return first?.at(-1)?.length;
  }
}

/**
 * Both directions of a Bidirectional, cell by cell: Keras doubles the width of one to know that of both (compute_output_shape).
 */
export function equalSizes(
  leaves: readonly LeafParameters[],
  recurrent: ReadonlyMap<string, RecurrentLayer>,
): RecurrentLayer[][] {
  return leaves.flatMap(({ leaf: { path } }) => {
    if (!/\/forward(\/[^/]+)?$/.test(path)) return [];
    const forward = recurrent.get(path);
    const backward = recurrent.get(path.replace(/\/forward(?=\/[^/]+$|$)/, '/backward'));
    return forward && backward && forward.hiddenSize === backward.hiddenSize ? [[forward, backward]] : [];
  });
}

/** Optimizer state belongs to units or layers that go, and would not fit those that stay. */
export function rebuildPurpose(
  shownAs: string,
  purpose: 'compress' | 'shrink',
  optimizerGroup: string,
): RebuildPurpose {
  return purpose === 'compress'
    ? { shownAs, refusal: 'compressUnsupported' }
    : { shownAs, refusal: 'shrinkUnsupported', leftOut: [optimizerGroup] };
}

/** What changes in the file of the weights, and what of it the purpose leaves out beside. */
export function layoutFor({ leftOut = [] }: RebuildPurpose, rewritten?: RewrittenFile): LayoutChanges {
  const layout = rewritten?.layout ?? {};
  return { ...layout, leftOut: [...leftOut, ...(layout.leftOut ?? [])] };
}
