import { UserError } from '../../protocol/userError.ts';

/** Runs an action of the library; what it throws becomes one line about the file. */
export function guard<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = innermost(error);
    if (reason === undefined || reason.startsWith('truncated file')) {
      const code = reason === undefined ? 'reasonContent' : 'reasonTruncated';
      throw new UserError('fileDamaged', { file }, { code, args: {} });
    }
    throw new UserError('fileDamaged', { file, reason });
  }
}

/** HDF5 prints a stack of errors, the cause last: `#006: file.c line 388 in function(): file signature not found`. */
function innermost(error: unknown): string | undefined {
  const text = error instanceof Error ? error.message : String(error);
  const causes = [...text.matchAll(/#\d+: .*?\(\): (.*)/g)];
  // Whatever else goes wrong in it has no words for people.
  return causes.at(-1)?.[1].trim();
}
