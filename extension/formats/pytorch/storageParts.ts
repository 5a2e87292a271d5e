import { type KeptIndices, keptShape } from '../../model/shrinking.ts';
import { nodesBelow } from '../pickle/nodes.ts';
import { type StorageReference, storageReference } from './storageReference.ts';
import { extentOf, identityOf, type TorchTensor, tensorOf } from './tensor.ts';
import type { TorchFile } from './torchFile.ts';

/** One view of a storage, by all the places of the pickle that describe it. */
export interface StoragePart {
  readonly tensor: TorchTensor;
  readonly descriptions: readonly TorchTensor[];
}

/** A storage as all of the file's tensors, weights or not, divide it. */
export interface DividedStorage {
  readonly references: readonly StorageReference[];
  /** In the order in which they lie. */
  readonly parts: readonly StoragePart[];
  /** Its parts lie one behind the other and are of its own type, so that it can be put together anew. */
  readonly isApart: boolean;
}

/** All storages that the pickle refers to, by their names. */
export function dividedStorages({ root }: Pick<TorchFile, 'root'>): Map<string, DividedStorage> {
  const references = new Map<string, StorageReference[]>();
  // By the place of its offset: parameters wrap the tensor that describes them.
  const tensors = new Map<number, TorchTensor>();
  for (const node of nodesBelow(root)) {
    const reference = node.kind === 'persistent' ? storageReference(node) : undefined;
    if (reference) references.set(reference.key, [...(references.get(reference.key) ?? []), reference]);
    const tensor = node.kind === 'object' ? tensorOf(node) : undefined;
    if (tensor) tensors.set(tensor.places.offset, tensor);
  }
  const byStorage = Map.groupBy(tensors.values(), ({ storage }) => storage);
  return new Map(
    [...references].map(([key, own]) => {
      const views = Map.groupBy(byStorage.get(key) ?? [], identityOf);
      const parts = [...views.values()].map((descriptions) => ({ tensor: descriptions[0], descriptions }));
      parts.sort((a, b) => a.tensor.offset - b.tensor.offset);
      return [key, { references: own, parts, isApart: areApart(own, parts) }];
    }),
  );
}

function areApart(references: readonly StorageReference[], parts: readonly StoragePart[]): boolean {
  let end = 0;
  return (
    references.every(({ first, type }) => first === 0 && type.bytes === references[0].type.bytes) &&
    parts.every(({ tensor }) => {
      const begins = tensor.offset >= end;
      end = tensor.offset + extentOf(tensor);
      return begins && tensor.type.bytes === tensor.storageWidth;
    })
  );
}

/** The shape and strides of what stays of a tensor: packed, its axes nested as they were. */
export function keptLayout(
  { shape, stride }: Pick<TorchTensor, 'shape' | 'stride'>,
  kept: KeptIndices,
): { shape: number[]; stride: number[] } {
  const small = keptShape(shape, kept);
  const packed = [...stride];
  // The outer one of two axes of one stride, of which one has length 1, comes first.
  const innermostFirst = [...shape.keys()].sort((a, b) => stride[a] - stride[b] || b - a);
  let step = 1;
  for (const axis of innermostFirst) {
    if (shape[axis] === 1) continue;
    packed[axis] = step;
    step *= small[axis];
  }
  return { shape: small, stride: packed };
}
