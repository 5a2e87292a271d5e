import type { Parameter } from '../model/parameter.ts';
import { UserError } from '../protocol/userError.ts';

/** Throws weightShape where a tensor has another shape than its layer needs; null where any length will do. */
export function checkShape(
  { name, shape }: Pick<Parameter, 'name' | 'shape'>,
  expected: readonly (number | null)[],
  file: string,
): void {
  if (shape.length === expected.length && expected.every((n, i) => n === null || n === shape[i])) return;
  const wanted = `[${expected.map((n) => n ?? '…').join(', ')}]`;
  throw new UserError('weightShape', {
    file,
    parameter: name,
    expected: wanted,
    found: `[${shape.join(', ')}]`,
  });
}
