import { UserError } from './userError.ts';

/** What the system says keeps a file from being read: fileUnreadable, in words. */
export function unreadable(file: string, error: unknown): UserError {
  const { code, message } = error as Error & { readonly code?: unknown };
  if (code === 'EACCES' || code === 'EPERM')
    return new UserError('fileUnreadable', { file }, { code: 'reasonNoPermission', args: {} });
  return new UserError('fileUnreadable', { file, reason: withoutPaths(message) });
}

/** Node's `EIO: i/o error, write '…'` without the code and the name, which is said already, or temporary. */
export function withoutPaths(message: string): string {
  return message.replace(/^[A-Z]+: /, '').replace(/, \w+( '.*)?$/s, '');
}
