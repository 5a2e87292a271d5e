import { optimizerNames } from './finetuneFacts.ts';
import type { MessageArgument, MessageCode } from './messages.ts';
import { numbersFor } from './numbers.ts';

/** How an argument reads in the language of a locale. */
type Reading = (value: MessageArgument, locale: string) => string;

const size: Reading = (value, locale) => numbersFor(locale).bytes(Number(value));

/** No more digits than two runs have in common. */
const time: Reading = (value, locale) =>
  Number(value).toLocaleString(locale, {
    maximumFractionDigits: 1,
    maximumSignificantDigits: 2,
    roundingPriority: 'morePrecision',
  });

const quantity: Reading = (value, locale) => numbersFor(locale).quantity(Number(value));

const percent: Reading = (value, locale) => numbersFor(locale).percent(Number(value));

const optimizer: Reading = (value) => optimizerNames[value as keyof typeof optimizerNames] ?? String(value);

/** Arguments that a sentence tells otherwise than the data of a report has them: rounded, or by their proper names. */
export const argumentTexts: Partial<Record<MessageCode, Readonly<Record<string, Reading>>>> = {
  engineMemory: { limit: size },
  batchMemory: { limit: size },
  reasonMemory: { limit: size },
  conversionDiffers: { difference: quantity },
  noteRoundingGrows: { difference: quantity, rounded: quantity },
  budgetNotReached: { sparsity: percent, loss: quantity, limit: quantity },
  noteReportedBeyond: { loss: quantity, limit: quantity },
  noteEngineChosen: { milliseconds: time, otherMilliseconds: time },
  noteOptimizerUnknown: { used: optimizer },
};
