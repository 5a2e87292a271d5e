import type { OnnxTensor } from '../proto.ts';
import type { Source } from '../read/source.ts';
import { valueBytes } from './bytes.ts';
import { elementType } from './elementType.ts';

/** All values of a tensor as numbers; undefined where its type has none. */
export async function numbersOf(source: Source, tensor: OnnxTensor): Promise<number[] | undefined> {
  const type = elementType(tensor.dataType);
  if (!type) return undefined;
  const bytes = await valueBytes(source, tensor);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / type.width }, (_, i) => type.get(view, i * type.width));
}
