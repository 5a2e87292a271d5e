import type { Entry } from 'yauzl';
import { UserError } from '../../protocol/userError.ts';
import type { FileBytes } from '../bytes/fileBytes.ts';

const localHeaderBytes = 30;

/**
 * Byte of an archive at which a STORED entry's data begins; the entry's whole data is then known to be there. Throws fileDamaged, also
 * where the entry is compressed, since then there is no such place.
 */
export async function storedPlace(file: FileBytes, entry: Entry, shownAs: string): Promise<number> {
  const { fileName, compressionMethod, relativeOffsetOfLocalHeader: header, uncompressedSize: size } = entry;
  const damaged = (code: 'reasonEntryCompressed' | 'reasonEntryChecksum' | 'reasonTruncated') =>
    new UserError('fileDamaged', { file: shownAs }, { code, args: { entry: fileName } });
  if (compressionMethod !== 0 || entry.isEncrypted()) throw damaged('reasonEntryCompressed');
  const fields = await file.read(header, localHeaderBytes);
  if (fields.readUInt32LE(0) !== 0x04034b50) throw damaged('reasonTruncated');
  const at = header + localHeaderBytes + fields.readUInt16LE(26) + fields.readUInt16LE(28);
  if (at + size > file.size) throw damaged('reasonTruncated');
  return at;
}
