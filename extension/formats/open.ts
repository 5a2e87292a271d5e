import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Model } from '../model/model.ts';
import type { MessageCode } from '../protocol/messages.ts';
import { longestEnding } from '../protocol/modelEndings.ts';
import type { ProbeResult } from '../protocol/requests.ts';
import { unreadable } from '../protocol/unreadable.ts';
import { UserError } from '../protocol/userError.ts';
import { checkNotPart } from './checkNotPart.ts';
import { contentKind, telling } from './contentKind.ts';
import type { Format, Origin } from './format.ts';
import { kerasArchive } from './keras/archive.ts';
import { kerasHdf5 } from './keras/hdf5.ts';
import { archiveNamedHdf5, hdf5NamedArchive } from './keras/misnamed.ts';
import { kerasShards } from './keras/weightsOnly/shards.ts';
import { isCheckpointPrefix, kindByName } from './kindByName.ts';
import { onnx } from './onnx/onnx.ts';
import { pytorch, pytorchShards } from './pytorch/format.ts';
import { safetensors } from './safetensors/format.ts';
import { savedModel } from './savedModel/format.ts';
import { tensorflowJs } from './tfjs/format.ts';
import { tflite } from './tflite/model.ts';

/** Of those that share a suffix, the first that matches a file opens it. */
const formats: readonly Format[] = [
  hdf5NamedArchive,
  archiveNamedHdf5,
  kerasArchive,
  kerasHdf5,
  kerasShards,
  onnx,
  pytorch,
  safetensors,
  pytorchShards,
  savedModel,
  tensorflowJs,
  tflite,
];

/** What files throw that cannot be read, or are read as nothing. */
const unreadCodes: ReadonlySet<MessageCode> = new Set<MessageCode>(['fileDamaged', 'notATorchModel']);

/**
 * Opens a model: a file, or a folder that holds one. No weights are read yet; the caller closes the model. Throws `UserError`:
 * fileNotFound, fileUnreadable, formatUnknown, contentForeign, contentUnexpected, partOfModel, fileDamaged, notAModel, …
 * @param origin the model that this one was made from, where its own path does not tell the format, as that of a temporary file
 */
export async function openModel(path: string, origin: Origin = { path }): Promise<Model> {
  const file = await modelFile(path);
  const format = await formatOf(file, file === path ? origin.path : file);
  return orContent(
    format.open(file, origin.path === path ? { ...origin, path: file } : origin),
    format,
    file,
  );
}

/** A quick look at a model that reads no weights. Throws like `openModel`. */
export async function probeModel(path: string): Promise<ProbeResult> {
  const file = await modelFile(path);
  const format = await formatOf(file, file);
  return orContent(format.probe(file), format, file);
}

/** A model's name without the suffix, and the suffix that an output must share with it, such as `.h5`. Throws formatUnknown. */
export function splitSuffix(path: string): { readonly stem: string; readonly suffix: string } {
  const longest = longestEnding(
    path,
    formats.flatMap(({ suffixes }) => suffixes),
  );
  if (longest === undefined) throw new UserError('formatUnknown', { file: path });
  const suffix = path.slice(-longest.length);
  // Where the suffix is the whole name, as of `saved_model.pb`, the folder has the model's.
  if (suffix === basename(path)) return { stem: dirname(path), suffix };
  return { stem: path.slice(0, -suffix.length), suffix };
}

/**
 * How an output may end: as its original, or as the format's other files do, so that `model.pt` may become `small.pth`. Of compound
 * suffixes, which tell more than the format, only the same; the original's own stands first.
 */
export function endingsLike(path: string): string[] {
  const own = splitSuffix(path).suffix.toLowerCase();
  const isSimple = (suffix: string) => suffix.lastIndexOf('.') === 0;
  const alike = formats
    .filter(({ suffixes }) => isSimple(own) && suffixes.includes(own))
    .flatMap(({ suffixes }) => suffixes.filter(isSimple));
  return [...new Set([own, ...alike])];
}

async function formatOf(file: string, name: string): Promise<Format> {
  await checkNotPart(file);
  const lower = name.toLowerCase();
  const candidates = formats.filter(({ suffixes }) => suffixes.some((suffix) => lower.endsWith(suffix)));
  for (const format of candidates) if (!format.match || (await format.match(file))) return format;
  const expected = candidates.find(({ expected }) => expected)?.expected;
  const content = await contentKind(file);
  if (expected) throw contentUnexpected(name, expected, content);
  throw telling.has(content) || content === 'contentPickle' ? foreign(name, content) : unknown(name);
}

/** Where a file does not open because another kind of model has its name, says that instead of what is wrong with it. */
async function orContent<T>(opened: Promise<T>, { expected, holds }: Format, file: string): Promise<T> {
  try {
    return await opened;
  } catch (error) {
    const unread = error instanceof UserError && unreadCodes.has(error.info.code);
    const content = unread && expected && (await contentKind(file));
    if (!content || !telling.has(content) || holds?.includes(content)) throw error;
    throw contentUnexpected(file, expected, content);
  }
}

function contentUnexpected(file: string, expected: MessageCode, content: MessageCode): UserError {
  const part = (code: MessageCode) => ({ code, args: {} });
  return new UserError('contentUnexpected', { file, expected: part(expected), content: part(content) });
}

function foreign(file: string, content: MessageCode): UserError {
  return new UserError('contentForeign', { file, content: { code: content, args: {} } });
}

function unknown(file: string): UserError {
  return new UserError('formatUnknown', { file });
}

/** The file that is opened: the path itself, or of a folder the one in it. */
async function modelFile(path: string): Promise<string> {
  try {
    await access(path, constants.R_OK);
    const found = await stat(path);
    if (found.isFile()) return path;
    if (found.isDirectory()) {
      const names = await readdir(path);
      for (const { mainFile } of formats) {
        const main = mainFile?.(names);
        if (main !== undefined) return join(path, main);
      }
      // What TensorFlow's checkpoints and variables are told by.
      const told = names.find((name) => name === 'checkpoint' || name === 'variables.index');
      if (told !== undefined) return join(path, told);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, error);
    if (await isCheckpointPrefix(path)) throw foreign(path, 'contentTensorflow');
    throw new UserError('fileNotFound', { file: path });
  }
  const kind = await kindByName(path);
  throw kind ? foreign(path, kind) : unknown(path);
}
