import { type KeptIndices, keepOf } from '../../model/shrinking.ts';
import type { Message } from '../../protocol/messages.ts';
import { UserError } from '../../protocol/userError.ts';
import { checkTrained } from '../checkTrained.ts';
import type { ModuleSize } from '../stateDict/moduleSizes.ts';
import type { TensorSaveOptions } from '../stateDict/tensors.ts';
import type { TorchContents } from './contents.ts';
import { allMoments, maskedMoments } from './optimizerState.ts';
import { editedSpan, placeOf, readSpan, type TorchParameter } from './parameters.ts';
import { Patches } from './patches.ts';
import { newMasks } from './prunedPairs.ts';
import { resizeAttributes, resizedCode } from './resizing.ts';
import { type DividedStorage, dividedStorages, keptLayout, type StoragePart } from './storageParts.ts';
import { scatterElements } from './strided.ts';
import { extentOf, identityOf } from './tensor.ts';
import type { NewStorage, TorchFile } from './torchFile.ts';

/**
 * Throws shrinkUnsupported where the file holds what would no longer fit, or what cannot be laid out anew.
 * @param sizes of its modules; those of hidden states are taken to change
 */
export async function checkShrinkable(
  torch: TorchFile,
  contents: TorchContents,
  sizes: readonly ModuleSize[],
): Promise<void> {
  checkLayout(torch, contents);
  const changed = sizes.map((size) =>
    size.name === 'hidden_size' || size.name === 'proj_size' ? { ...size, after: size.before - 1 } : size,
  );
  await newCode(torch, contents, changed);
}

/** The weights that other tensors go with, by the identities of these: moments of optimizers, and masks. Throws shrinkUnsupported. */
function checkLayout(torch: TorchFile, contents: TorchContents): ReadonlyMap<string, TorchParameter> {
  const moments = allMoments(torch, contents);
  if (!moments) throw refusal(torch, { code: 'reasonTorchOptimizer', args: {} });
  const followers = new Map([...moments].map(([identity, { weight }]) => [identity, weight]));
  for (const weight of contents.parameters)
    if (weight.masking) followers.set(identityOf(weight.masking.tensor), weight);
  const storages = dividedStorages(torch);
  for (const parameter of contents.parameters)
    if (!storages.get(parameter.tensor.storage)?.isApart) throw tangled(torch, parameter);
  for (const { parts, isApart } of storages.values()) {
    const [owner] = parts.flatMap(({ tensor }) => followers.get(identityOf(tensor)) ?? []);
    if (owner && !isApart) throw tangled(torch, owner);
  }
  return followers;
}

/**
 * Writes the file with less in it: every storage that a cut weight lies in is put together anew of what stays, and the numbers that say
 * sizes, strides and offsets are replaced where they stand in the pickle. All else keeps its bytes.
 */
export async function saveShrunk(
  torch: TorchFile,
  contents: TorchContents,
  { kept, sizes = [], step }: TensorSaveOptions & { readonly kept: ReadonlyMap<string, KeptIndices> },
  path: string,
): Promise<void> {
  const followers = checkLayout(torch, contents);
  const masked = new Map([
    ...(await maskedMoments(torch, allMoments(torch, contents))),
    ...(await newMasks(contents.parameters)),
  ]);
  const parameters = new Map(contents.parameters.map((own) => [identityOf(own.tensor), own]));
  // Others are written anew, too, where they were masked or trained.
  const changed = contents.parameters.filter(({ name, mask, trained }) => kept.has(name) || mask || trained);
  const touched = new Set([...changed, ...masked.values()].map(({ tensor }) => tensor.storage));
  const keptOf = ({ tensor }: StoragePart): KeptIndices | undefined => {
    const identity = identityOf(tensor);
    const owner = parameters.get(identity) ?? followers.get(identity);
    return owner && kept.get(owner.name);
  };
  const patches = new Patches();
  const storages = new Map<string, NewStorage>();
  for (const [key, divided] of dividedStorages(torch)) {
    if (!touched.has(key) && !divided.parts.some(keptOf)) continue;
    const pieces = divided.parts.map((part) => {
      const identity = identityOf(part.tensor);
      return pieceOf(part, parameters.get(identity) ?? masked.get(identity), keptOf(part));
    });
    if (!describe(divided, pieces, patches)) throw tangled(torch, changed[0]);
    storages.set(key, storageOf(torch, pieces));
  }
  for (const parameter of changed) await checkTrained(parameter, torch.path);
  await refusing(torch, () => resizeAttributes(torch, contents, sizes, patches));
  const code = await newCode(torch, contents, sizes);
  const pickle = patches.applied(await torch.file.read(torch.pickle.at, torch.pickle.bytes));
  if (!pickle) throw tangled(torch, changed[0]);
  await torch.rewrite(path, { pickle, storages, code }, step);
}

/** What becomes of one view of a storage. */
interface Piece {
  readonly part: StoragePart;
  readonly parameter: TorchParameter | undefined;
  readonly kept: KeptIndices | undefined;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  /** Elements that it takes. */
  readonly extent: number;
}

function pieceOf(
  part: StoragePart,
  parameter: TorchParameter | undefined,
  kept: KeptIndices | undefined,
): Piece {
  const { shape, stride } = kept ? keptLayout(part.tensor, kept) : part.tensor;
  return { part, parameter, kept, shape, stride, extent: extentOf({ shape, stride }) };
}

/** Notes the new numbers of everything that describes the storage; false where one of them cannot be. */
function describe({ references }: DividedStorage, pieces: readonly Piece[], patches: Patches): boolean {
  let offset = 0;
  let fits = true;
  const set = (place: number, value: number) => {
    fits = patches.set(place, value) && fits;
  };
  for (const { part, shape, stride, extent } of pieces) {
    for (const { places } of part.descriptions) {
      set(places.offset, offset);
      for (const [axis, place] of places.shape.entries()) set(place, shape[axis]);
      for (const [axis, place] of places.stride.entries()) set(place, stride[axis]);
    }
    offset += extent;
  }
  for (const { place } of references) set(place, offset);
  return fits;
}

/** The sources of a TorchScript archive with the new sizes; of other files none. Throws shrinkUnsupported. */
function newCode(
  torch: TorchFile,
  contents: TorchContents,
  sizes: readonly ModuleSize[],
): Promise<ReadonlyMap<string, string>> {
  const { script } = torch;
  return refusing(torch, () => (script ? resizedCode(script, contents, sizes) : new Map()));
}

/** Turns a reason that is thrown into a refusal that names the file. */
async function refusing<T>(torch: TorchFile, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isReason = error instanceof UserError && error.info.code.startsWith('reason');
    throw isReason ? refusal(torch, error.info) : error;
  }
}

function storageOf(torch: TorchFile, pieces: readonly Piece[]): NewStorage {
  const width = pieces[0].part.tensor.type.bytes;
  return {
    bytes: width * pieces.reduce((sum, { extent }) => sum + extent, 0),
    read: async function* () {
      for (const piece of pieces) yield await bytesOf(torch, piece);
    },
  };
}

async function bytesOf(torch: TorchFile, piece: Piece): Promise<Buffer> {
  const { part, parameter, kept, shape, stride, extent } = piece;
  const { tensor } = part;
  const { span, rows } = parameter
    ? await editedSpan(torch.file, parameter)
    : await readSpan(torch.file, tensor, await placeOf(torch, tensor));
  if (!kept) return span;
  const width = tensor.type.bytes;
  const small = keepOf(rows, tensor.shape, kept, width);
  const cut = Buffer.alloc(extent * width);
  scatterElements(Buffer.from(small.buffer, small.byteOffset, small.length), cut, { shape, stride }, width);
  return cut;
}

function refusal({ path: file }: TorchFile, reason: Message): UserError {
  return new UserError('shrinkUnsupported', { file }, reason);
}

function tangled(torch: TorchFile, { name }: TorchParameter): UserError {
  return refusal(torch, { code: 'reasonTorchShared', args: { parameter: name } });
}
