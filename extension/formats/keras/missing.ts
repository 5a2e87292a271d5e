import { UserError } from '../../protocol/userError.ts';

/** By its key in the configuration. */
export function missing(key: string): UserError {
  return new UserError('detailMissing', { key });
}

/** Throws detailMissing. */
export function array(value: unknown, key: string): unknown[] {
  if (!Array.isArray(value)) throw missing(key);
  return value;
}

/** Throws detailMissing. */
export function object(value: unknown, key: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw missing(key);
  return value as Record<string, unknown>;
}
