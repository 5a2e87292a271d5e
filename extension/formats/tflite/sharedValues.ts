import type { TfliteParameter } from './parameters.ts';

/**
 * Weights that are to be written but cannot be where they lie. Converters give tensors of equal bytes one buffer, whatever scale each has
 * and whether they are weights at all; once pruned or trained the bytes may differ.
 *
 * @param others where values lie that must stay, since tensors read them that are no weights
 */
export function apartOf(
  parameters: readonly TfliteParameter[],
  others: ReadonlySet<number>,
): TfliteParameter[] {
  return [...Map.groupBy(parameters, ({ at }) => at)].flatMap(([at, sharing]) => {
    if (others.has(at)) return sharing.filter(isWritten);
    const stays = sharing.find((one) => !isWritten(one)) ?? sharing[0];
    return sharing.filter((one) => one !== stays && !isWrittenAlike(one, stays));
  });
}

function isWritten({ mask, trained }: TfliteParameter): boolean {
  return mask !== undefined || trained !== undefined;
}

/** Whether the same bytes become the same bytes. */
function isWrittenAlike(a: TfliteParameter, b: TfliteParameter): boolean {
  if (!isWritten(a) && !isWritten(b)) return true;
  if (a.trained || b.trained || !a.mask || !b.mask || a.dtype !== b.dtype) return false;
  return hasZeroBytes(a) && hasZeroBytes(b) && Buffer.compare(a.mask, b.mask) === 0;
}

/** Whether 0 is stored as bytes of 0. */
function hasZeroBytes({ quantization }: TfliteParameter): boolean {
  return !quantization || quantization.zeroPoint.every((zero) => zero === 0);
}
