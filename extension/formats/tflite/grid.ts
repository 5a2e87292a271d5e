import type { Grid } from '../../model/integers.ts';
import { type TfliteTensor, tensorTypes } from './schema.ts';

const ranges: Readonly<Record<number, readonly [number, number]>> = {
  [tensorTypes.int8]: [-128, 127],
  [tensorTypes.uint8]: [0, 255],
  [tensorTypes.int16]: [-32768, 32767],
};

/** What the integers of a computed tensor stand for; undefined where they stand for themselves, or it has none. */
export function gridOf({ type, scale, zeroPoint, isDequantized }: TfliteTensor): Grid | undefined {
  const range = ranges[type];
  if (!range || isDequantized || scale.length !== 1 || !(scale[0] > 0 && Number.isFinite(scale[0])))
    return undefined;
  return { scale: scale[0], zeroPoint: zeroPoint[0] ?? 0, least: range[0], greatest: range[1] };
}

/** Whether weights are multiplied as the integers that they are. */
export function isIntegerMatrix({ type, isDequantized }: TfliteTensor): boolean {
  return !isDequantized && (type === tensorTypes.int8 || type === tensorTypes.uint8);
}
