import { stat } from 'node:fs/promises';
import { UserError } from '../protocol/userError.ts';

/** Of a file that is read whole. Throws `UserError` fileTooLarge above so many bytes. */
export async function checkFileSize(path: string, limit: number): Promise<void> {
  const { size } = await stat(path);
  if (size > limit) throw new UserError('fileTooLarge', { file: path, needed: size, limit });
}
