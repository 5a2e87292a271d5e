import { globalName, nodeOf, type PicklePersistent } from '../pickle/values.ts';
import { type ElementType, typeOfStorage } from './elementTypes.ts';

/** How a pickle refers to a storage outside of it. */
export interface StorageReference {
  readonly key: string;
  readonly type: ElementType;
  /** Elements. */
  readonly numel: number;
  /** Byte of the pickle at which the opcode of `numel` begins. */
  readonly place: number;
  /** Where a view of another storage begins in that, in elements; PyTorch 0.3 and before wrote such views. */
  readonly first: number;
}

/** ('storage', class, key, device, elements), in the legacy format with (view's key, offset, elements) or None behind. */
export function storageReference(node: PicklePersistent): StorageReference | undefined {
  const id = nodeOf(node.id, 'tuple');
  if (!id) return undefined;
  const [kind, className, key, , numel, view = null] = id.items;
  const type = typeOfStorage(globalName(className) ?? '');
  if (kind !== 'storage' || !type || !isCount(numel)) return undefined;
  if (typeof key !== 'string' && typeof key !== 'number') return undefined;
  const first = view === null ? 0 : nodeOf(view, 'tuple')?.items[1];
  if (!isCount(first)) return undefined;
  return { key: String(key), type, numel, place: id.places[4], first };
}

/** A size or an offset. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
