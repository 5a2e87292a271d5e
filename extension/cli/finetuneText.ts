import type { Say } from '../protocol/labels.ts';
import type { Numbers } from '../protocol/numbers.ts';
import type { FinetuneProgress } from '../protocol/requests.ts';

/** How far fine-tuning is, in one short line: epoch, losses, sparsity, time left. */
export function finetuneText(progress: FinetuneProgress, say: Say, numbers: Numbers): string {
  const { epoch, epochs, loss, validationLoss, sparsity, secondsLeft } = progress;
  const parts = [say('epochOf', { epoch, epochs })];
  if (loss !== undefined) parts.push(`${say('trainingLoss')} ${numbers.quantity(loss)}`);
  if (validationLoss !== undefined)
    parts.push(`${say('validationLoss')} ${numbers.quantity(validationLoss)}`);
  parts.push(`${say('sparsity')} ${numbers.percent(sparsity)}`);
  if (secondsLeft !== undefined) parts.push(say('secondsLeft', { time: numbers.duration(secondsLeft) }));
  return parts.join(' · ');
}
