import { isCrossEntropy, isOfClasses, type Loss } from '../../model/loss.ts';
import type { Message } from '../../protocol/messages.ts';
import { UserError } from '../../protocol/userError.ts';

/**
 * Checks the targets of one row that counts.
 * @throws {UserError} lossMismatch where one cannot be: a class that is none, or a probability outside 0 to 1
 */
export function checkTargets(loss: Loss, targets: Float64Array): void {
  const fault = faultOf(loss, targets);
  if (fault) throw new UserError('lossMismatch', { loss: loss.name }, fault);
}

/**
 * Checks the labels of one sequence, which are no blanks.
 * @throws {UserError} lossMismatch where one is no class
 */
export function checkLabels({ name, width }: Loss, labels: ArrayLike<number>): void {
  for (const value of Array.from(labels))
    if (!Number.isInteger(value) || value < 1 || value >= width) {
      const args = { value: String(value), high: width - 1 };
      throw new UserError('lossMismatch', { loss: name }, { code: 'reasonLabelRange', args });
    }
}

function faultOf({ name, width }: Loss, targets: Float64Array): Message | undefined {
  if (isOfClasses(name)) {
    const [value] = targets;
    if (Number.isInteger(value) && value >= 0 && value < width) return undefined;
    return { code: 'reasonClassRange', args: { value: String(value), high: width - 1 } };
  }
  if (!isCrossEntropy(name)) return undefined;
  const outside = targets.find((value) => !(value >= 0 && value <= 1));
  if (outside === undefined) return undefined;
  return { code: 'reasonTargetRange', args: { value: String(outside), low: 0, high: 1 } };
}
