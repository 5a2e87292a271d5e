import type { MessageCode } from '../../protocol/messages.ts';
import { UserError } from '../../protocol/userError.ts';
import { headOf } from '../bytes/headOf.ts';
import { beginsLikeZip, ZipArchive } from '../zip/archive.ts';
import { isLegacy, isPickle, isTar, openLegacyFile } from './legacyFile.ts';
import { noWeights } from './noWeights.ts';
import type { TorchFile } from './torchFile.ts';
import { isTorchArchive } from './zipEntries.ts';
import { openZipFile } from './zipFile.ts';

const headBytes = 512;

/** Opens any of PyTorch's containers. Throws fileDamaged, notATorchModel, tooLarge. */
export async function openTorchFile(path: string): Promise<TorchFile> {
  if (await beginsLikeZip(path)) return openZipFile(path);
  const head = await headOf(path, headBytes);
  if (isLegacy(head)) return openLegacyFile(path);
  throw noWeights(path, { code: reasonOf(head), args: {} });
}

function reasonOf(head: Buffer): MessageCode {
  if (isTar(head)) return 'reasonTorchTar';
  return isPickle(head) ? 'reasonPickleDump' : 'reasonNoTorch';
}

/** What pickle.dump writes of tensors; a file under a name that others use, too, is told so by it. */
function isTensorsPickled(head: Buffer): boolean {
  return isPickle(head) && head.includes('torch');
}

/** Whether a file is one that `openTorchFile` opens, by a few bytes, of a zip archive by the names in it. */
export async function isTorchFile(path: string): Promise<boolean> {
  if (!(await beginsLikeZip(path))) {
    const head = await headOf(path, headBytes);
    return isLegacy(head) || isTar(head) || isTensorsPickled(head);
  }
  try {
    const archive = await ZipArchive.open(path);
    archive.close();
    return isTorchArchive(archive);
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}
