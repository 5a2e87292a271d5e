import type { OnnxTensor } from './proto.ts';
import type { Source } from './read/source.ts';
import { type Stretch, stretchOf } from './values/bytes.ts';

/**
 * Tensors that are kept in the same bytes of an external file as an earlier one, and that one: tied weights. Looks at the place of every
 * tensor. Throws `UserError` fileDamaged where one reaches beyond its file, or two share a part of their bytes.
 */
export async function sharedStretches(
  source: Source,
  tensors: readonly OnnxTensor[],
): Promise<Map<OnnxTensor, OnnxTensor>> {
  const outside: { tensor: OnnxTensor; stretch: Stretch }[] = [];
  for (const tensor of tensors) {
    const stretch = await stretchOf(source, tensor);
    if (stretch?.location !== undefined && stretch.length > 0) outside.push({ tensor, stretch });
  }
  const shared = new Map<OnnxTensor, OnnxTensor>();
  const last = new Map<string, (typeof outside)[number]>();
  for (const one of outside.sort((a, b) => a.stretch.at - b.stretch.at)) {
    const { location = '', at, length } = one.stretch;
    const before = last.get(location);
    if (before && at < before.stretch.at + before.stretch.length) {
      const same = at === before.stretch.at && length === before.stretch.length;
      if (!same || !alike(one.tensor, before.tensor)) throw source.reader.damaged();
      shared.set(one.tensor, before.tensor);
    } else last.set(location, one);
  }
  return shared;
}

function alike(a: OnnxTensor, b: OnnxTensor): boolean {
  return a.dataType === b.dataType && a.dims.join() === b.dims.join();
}
