import { UserError } from '../protocol/userError.ts';

/** Whether an engine's memory did not suffice, so that less of it, or another engine, may do. */
export function isMemoryError(error: unknown): error is UserError {
  return error instanceof UserError && error.info.code === 'engineMemory';
}
