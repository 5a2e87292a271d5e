import type { KeptIndices } from '../../model/shrinking.ts';
import type { Message } from '../../protocol/messages.ts';
import { UserError } from '../../protocol/userError.ts';
import type { Library } from './library.ts';

export type Group = InstanceType<Library['h5']['Group']>;
export type Dataset = InstanceType<Library['h5']['Dataset']>;
export type Metadata = Dataset['metadata'];

/** HDF5's numbers of the classes of types. */
export const classOf = { integer: 0, float: 1, string: 3 } as const;

/** What a file is laid out anew for. */
export interface RebuildPurpose {
  /** Names the file in messages. */
  readonly shownAs: string;
  readonly refusal: 'compressUnsupported' | 'shrinkUnsupported';
  /** Groups and datasets that are left out, by path; a group of which all is left out goes with it. */
  readonly leftOut?: readonly string[];
}

/** How a dataset holds the values of a tensor that are in another order there than row by row. */
export interface StoredOrder {
  /** From the file's order, and back to it: fresh arrays. `width` bytes make one value. */
  toRows(bytes: Uint8Array, shape: readonly number[], width: number): Uint8Array;
  fromRows(bytes: Uint8Array, shape: readonly number[], width: number): Uint8Array;
}

/** What of a file's contents changes while it is laid out anew. */
export interface LayoutChanges extends Pick<RebuildPurpose, 'leftOut'> {
  /** Indices of datasets that stay, by path. */
  readonly kept?: ReadonlyMap<string, KeptIndices>;
  /** In which order the values stand of datasets of which indices stay, by path; else row by row. */
  readonly orders?: ReadonlyMap<string, StoredOrder>;
  /** New names of groups, by path. */
  readonly renamed?: ReadonlyMap<string, string>;
  /** New texts of attributes, or null where they go, by what `attributePath` gives. */
  readonly attributes?: ReadonlyMap<string, string | readonly string[] | null>;
}

interface Checking extends RebuildPurpose {
  readonly library: Library;
}

/** Throws `refusal`, naming what a rebuilt file could not hold exactly as it was. */
export function checkContents(group: Group, checking: Checking): void {
  checkAttributes(group, checking);
  const { Group, Dataset } = checking.library.h5;
  for (const name of group.keys()) {
    const path = pathIn(group, name);
    const member = group.get(name);
    if (isLeftOut(member, path, checking)) continue;
    if (member instanceof Group) checkContents(member, checking);
    else if (member instanceof Dataset) {
      if (!writable(member.metadata)) throw refused(checking, path, String(member.dtype));
      checkAttributes(member, checking);
    } else throw refused(checking, path, { code: 'typeLink', args: {} });
  }
}

/** Whether a member of a group stays behind. */
export function isLeftOut(
  member: ReturnType<Group['get']>,
  path: string,
  { leftOut = [], library }: Pick<Checking, 'leftOut' | 'library'>,
): boolean {
  if (leftOut.includes(path)) return true;
  // Most files keep all; what holds nothing that goes is not looked through.
  if (!(member instanceof library.h5.Group) || !leftOut.some((one) => one.startsWith(`${path}/`)))
    return false;
  const names = member.keys();
  return (
    names.length > 0 &&
    names.every((name) => isLeftOut(member.get(name), `${path}/${name}`, { leftOut, library }))
  );
}

/** Names an attribute of the group or dataset at a path. */
export function attributePath(path: string, name: string): string {
  return `${path}@${name}`;
}

/** Where a member of a group is. */
export function pathIn(group: Group, name: string): string {
  return group.path === '/' ? `/${name}` : `${group.path}/${name}`;
}

function checkAttributes(entity: Group | Dataset, checking: Checking): void {
  for (const [name, { metadata, dtype }] of Object.entries(entity.attrs))
    if (!writable(metadata)) throw refused(checking, attributePath(entity.path, name), String(dtype));
}

/** Types that the library can create anew exactly as they were: texts, native integers, float32 and float64. */
function writable({ type, size, littleEndian, shape }: Metadata): boolean {
  if (type === classOf.string) return true;
  if (!littleEndian || !shape) return false;
  return type === classOf.integer || (type === classOf.float && (size === 4 || size === 8));
}

function refused({ shownAs, refusal }: Checking, path: string, type: string | Message): UserError {
  return new UserError(refusal, { file: shownAs }, { code: 'reasonTypeKept', args: { path, type } });
}
