import type { Message } from '../../protocol/messages.ts';
import { UserError } from '../../protocol/userError.ts';
import { nodesBelow } from '../pickle/nodes.ts';
import { type ModuleSize, sizeTexts } from '../stateDict/moduleSizes.ts';
import type { TorchContents } from './contents.ts';
import type { Patches } from './patches.ts';
import { resizedSources } from './scriptSizes.ts';
import { type SizeAttribute, sizeAttributes } from './sizeAttributes.ts';
import { tensorOf } from './tensor.ts';
import type { TorchFile, TorchScript } from './torchFile.ts';

/**
 * Notes the new numbers of attributes that say sizes of modules. Throws `UserError` reasonTorchAttribute where one says several that become
 * different, or, in a TorchScript archive, whose code reads it, one that may say one.
 */
export function resizeAttributes(
  { script }: Pick<TorchFile, 'script'>,
  { modules }: Pick<TorchContents, 'modules'>,
  sizes: readonly ModuleSize[],
  patches: Patches,
): void {
  for (const attribute of sizeAttributes(modules, sizes)) {
    const { name, place, before, after } = attribute;
    if (isLeft(attribute) && !script) continue;
    const [size] = after;
    // What stays is noted, too: a number that two things share can become but one other.
    const fits = place === undefined ? size === before : patches.set(place, size);
    if (after.length !== 1 || !fits)
      throw new UserError('reasonTorchAttribute', { attribute: name, size: before });
  }
}

/**
 * The sources with the new sizes. Throws `UserError` reasonTorchFrozenUnits, reasonTorchBytecode, reasonTorchConstant, and as
 * `resizedSources`.
 */
export async function resizedCode(
  script: TorchScript,
  { modules }: Pick<TorchContents, 'modules'>,
  sizes: readonly ModuleSize[],
): Promise<Map<string, string>> {
  if (script.isFrozen) throw new UserError('reasonTorchFrozenUnits', {});
  if (script.hasBytecode) throw new UserError('reasonTorchBytecode', {});
  const changing = new Set(sizes.filter(({ before, after }) => before !== after).map(({ before }) => before));
  for (const node of nodesBelow((await script.constants()).root)) {
    const size = tensorOf(node)?.shape.find((length) => changing.has(length));
    if (size !== undefined) throw new UserError('reasonTorchConstant', { size });
  }
  return resizedSources(await script.sources(), modules, sizes);
}

/** What to say of sizes that changed where the file holds the modules. */
export function sizeNotes(
  { modules }: Pick<TorchContents, 'modules'>,
  sizes: readonly ModuleSize[],
): Message[] {
  const texts = sizeTexts(sizes);
  const left = sizeAttributes(modules, sizes).filter(isLeft);
  const attributes = left.map(({ name, before }) => `${name} = ${before}`);
  return [
    ...(texts.length > 0 ? [{ code: 'noteSizesInModules', args: { sizes: texts } } as const] : []),
    ...(attributes.length > 0 ? [{ code: 'noteAttributesLeft', args: { attributes } } as const] : []),
  ];
}

function isLeft({ after }: SizeAttribute): boolean {
  return after.length === 0;
}
