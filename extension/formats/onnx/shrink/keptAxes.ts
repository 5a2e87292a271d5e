import { sizeOf } from '../../../model/parameter.ts';
import type { KeptIndices } from '../../../model/shrinking.ts';
import { type Folded, isJoined, type TensorView } from '../fold/folded.ts';
import { rowMajorStrides } from '../fold/strides.ts';
import type { OnnxTensor } from '../proto.ts';

/** What stays of a file's tensors, axis by axis; undefined of one that stays whole, `uneven` where each of its halves keeps its own. */
export type KeptOf = (tensor: OnnxTensor) => KeptIndices | 'uneven' | undefined;

/**
 * What stays of a constant when its tensors are cut, axis by axis as indices of the constant; undefined where the parts that make it are
 * not cut alike, or it does not follow the axes of its tensors.
 */
export function keptAxes(folded: Folded, keptOf: KeptOf): KeptIndices | undefined {
  if (!isJoined(folded)) return keptOfView(folded, keptOf(folded.tensor));
  const { axis, shape } = folded;
  const along: number[] = [];
  let others: KeptIndices | undefined;
  let begin = 0;
  for (const part of folded.parts) {
    const kept = keptAxes(part, keptOf);
    const rest = kept?.with(axis, null);
    if (!kept || (others && JSON.stringify(others) !== JSON.stringify(rest))) return undefined;
    others = rest;
    const length = part.shape[axis];
    for (const index of kept[axis] ?? Array(length).keys()) along.push(begin + index);
    begin += length;
  }
  return others?.with(axis, along.length === shape[axis] ? null : along);
}

function keptOfView(view: TensorView, kept: ReturnType<KeptOf>): KeptIndices | undefined {
  if (kept === 'uneven') return undefined;
  const { tensor, shape, offset, strides } = view;
  if (!kept) return shape.map(() => null);
  const own = rowMajorStrides(tensor.dims);
  const used = new Set<number>();
  const result = shape.map((length, axis) => {
    const place = own.findIndex((stride, k) => tensor.dims[k] > 1 && stride === strides[axis]);
    if (length === 1 || place === -1) return null;
    used.add(place);
    const first = Math.floor(offset / own[place]) % tensor.dims[place];
    const indices = kept[place]
      ?.map((index) => index - first)
      .filter((index) => index >= 0 && index < length);
    return indices && indices.length < length ? indices : null;
  });
  const follows = shape.every((length, axis) => length === 1 || own.includes(strides[axis]));
  const allSeen = kept.every((indices, axis) => indices === null || used.has(axis) || sizeOf(shape) === 1);
  return follows && allSeen ? result : undefined;
}
