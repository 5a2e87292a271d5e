import {
  answerOf,
  isCategorical,
  isCrossEntropy,
  isFocal,
  isHinge,
  isOfClasses,
  isOfSequences,
  type Loss,
  type LossOptions,
  type OutputHead,
} from '../../model/loss.ts';
import type { TrainingConfiguration } from '../../model/model.ts';
import type { Tensor } from '../../model/tensor.ts';
import { type LossName, lossNamed, lossNames } from '../../protocol/losses.ts';
import type { Message } from '../../protocol/messages.ts';
import { UserError } from '../../protocol/userError.ts';
import { alongAxes } from './axes.ts';
import { allOneHot, allWhole, allZeroOrOne, type TargetForm, targetForm } from './targets.ts';

/** What the choice rests on. */
export interface LossQuestion {
  /** `--loss`, in any of Keras' spellings. */
  readonly requested?: string | undefined;
  /** The file's own. */
  readonly training?: TrainingConfiguration | undefined;
  readonly output: OutputHead;
  readonly targets: Tensor;
  /** The data, for messages. */
  readonly file: string;
}

/** A loss, and what is to be said about the choice. */
export interface LossChoice {
  readonly loss: Loss;
  readonly notes: readonly Message[];
}

/**
 * The loss to report: what was asked for; else the file's own (its categorical cross-entropy in the form that the
 * targets have); else what the model's head and the targets suggest. Throws `UserError`: lossUnknown (asked for),
 * lossMismatch, and lossAmbiguous or lossAmbiguousOneHot where two fit.
 */
export function chooseLoss(question: LossQuestion): LossChoice {
  const { requested, training, output, targets } = question;
  const form = targetForm(output.shape, targets.shape);
  const own = training?.loss === undefined ? undefined : lossNamed(training.loss);
  if (requested !== undefined) {
    const name = lossNamed(requested);
    if (!name) throw new UserError('lossUnknown', { loss: requested, known: lossNames.join(', ') });
    const linearIsLogits = name === own ? training?.fromLogits === true : true;
    const along = name === own ? alongAxes(name, training?.lossOptions, output.shape.length) : undefined;
    return { loss: checked(question, form, name, linearIsLogits, along?.options), notes: [] };
  }
  const along = own && alongAxes(own, training?.lossOptions, output.shape.length);
  if (own && along) {
    const name = inFormOf(own, form);
    const loss = checked(question, form, name, training?.fromLogits === true, along.options);
    if (training?.scaling === undefined) return { loss, notes: [] };
    const notes: Message[] = [{ code: 'noteLossScaled', args: { setting: training.scaling } }];
    return { loss: { ...loss, summed: true }, notes };
  }
  const name = suggested(question, form);
  return { loss: checked(question, form, name, true), notes: replaced(training, name) };
}

function replaced({ loss, lossOptions = {} }: TrainingConfiguration = {}, used: LossName): Message[] {
  if (loss === undefined) return [];
  const { axes } = lossOptions;
  const named = axes ? `${loss}, axis ${axes.join()}` : loss;
  return [{ code: 'noteLossUnknown', args: { loss: named, used } }];
}

/** A linear head says nothing about what its outputs are; `linearIsLogits` does. */
function checked(
  question: LossQuestion,
  form: TargetForm,
  name: LossName,
  linearIsLogits: boolean,
  given: LossOptions | undefined = undefined,
): Loss {
  const { output, targets } = question;
  const fits = isOfSequences(name)
    ? areLabels(targets, output)
    : isOfClasses(name)
      ? form.rows && allWhole(targets)
      : form.values;
  if (!fits) throw mismatch(name, output, targets);
  const options = isHinge(name) && allZeroOrOne(targets) ? { zeroOne: true, ...given } : given;
  const loss = { name, width: form.width, ...(options && { options }) };
  // A focal loss is one of probabilities.
  if (isFocal(name) && output.kind === 'linear' && linearIsLogits)
    return { ...loss, head: answerOf(name) === 'class' ? 'softmax' : 'sigmoid', fromLogits: false };
  return { ...loss, head: output.kind, fromLogits: takesLogits(name, output, linearIsLogits) };
}

/** Labels [N,L] of outputs [N,T,C]. */
function areLabels(targets: Tensor, { shape }: OutputHead): boolean {
  return shape.length === 3 && targets.shape.length === 2 && allWhole(targets);
}

function takesLogits(name: LossName, { kind }: OutputHead, linearIsLogits: boolean): boolean {
  if (isFocal(name)) return false;
  if (kind === 'linear') return isCrossEntropy(name) && linearIsLogits;
  return kind === 'softmax' ? isCategorical(name) : name === 'binary_crossentropy';
}

/** Class indices and one-hot rows are the same targets, written in two ways. */
function inFormOf(name: LossName, form: TargetForm): LossName {
  if (!isCategorical(name) || form.width === 1) return name;
  if (form.values) return 'categorical_crossentropy';
  return form.rows ? 'sparse_categorical_crossentropy' : name;
}

function suggested({ output, targets, file }: LossQuestion, form: TargetForm): LossName {
  const { kind } = output;
  const { width } = form;
  const classes = form.values ? 'categorical_crossentropy' : 'sparse_categorical_crossentropy';
  if (kind === 'softmax') return classes;
  if (kind === 'sigmoid') return 'binary_crossentropy';
  if (width === 1) {
    if (!allZeroOrOne(targets)) return 'mean_squared_error';
    throw new UserError('lossAmbiguous', { file });
  }
  if (!form.values) return classes;
  if (!allOneHot(targets, width)) return 'mean_squared_error';
  if (targets.data instanceof Int32Array) return classes;
  throw new UserError('lossAmbiguousOneHot', { file });
}

function mismatch(loss: LossName, { shape }: OutputHead, targets: Tensor): UserError {
  const show = (sizes: readonly (number | null)[]) =>
    `[${['N', ...sizes.slice(1).map((n) => n ?? '*')].join(', ')}]`;
  const args = { targets: show(targets.shape), outputs: show(shape) };
  return new UserError('lossMismatch', { loss }, { code: 'reasonTargetsShape', args });
}
