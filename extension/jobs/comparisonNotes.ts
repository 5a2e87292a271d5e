import type { Tensor } from '../model/tensor.ts';
import type { Message } from '../protocol/messages.ts';
import type { Sameness } from './sameOutputs.ts';

/**
 * What is to be said of how a conversion was compared: that it was not, that some outputs tell nothing, or that only rounding explains what
 * differs.
 * @param outputs of the original; undefined where no inputs could be made
 * @param likeness undefined where nothing was compared
 */
export function comparisonNotes(outputs: Tensor | undefined, likeness: Sameness | undefined): Message[] {
  const values = outputs?.data ?? [];
  let count = 0;
  for (const value of values) if (Number.isNaN(value)) count++;
  const { difference, rounded } = likeness ?? {};
  return [
    ...(count > 0 ? [{ code: 'noteOutputsNoNumbers', args: { count, all: values.length } } as const] : []),
    ...(likeness || (count > 0 && count === values.length)
      ? []
      : [{ code: 'noteNotCompared', args: {} } as const]),
    ...(difference === undefined || rounded === undefined
      ? []
      : [{ code: 'noteRoundingGrows', args: { difference, rounded } } as const]),
  ];
}
