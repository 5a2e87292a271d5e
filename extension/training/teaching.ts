import { applyHead } from '../engine/losses/rowLoss.ts';
import { answerOf, type HeadKind, isCrossEntropy, type Loss } from '../model/loss.ts';
import type { TrainingConfiguration } from '../model/model.ts';
import type { Tensor } from '../model/tensor.ts';
import { type LossName, lossNamed } from '../protocol/losses.ts';
import type { FinetuneOptions } from '../protocol/recipe.ts';
import { UserError } from '../protocol/userError.ts';
import type { GraphOutputKind } from './output.ts';

/**
 * How a training learns from what the original puts out: the teacher in the distillation of Hinton et al. ("Distilling the Knowledge in a
 * Neural Network", 2015), whose loss is (1 − mix) · L(y) + mix · T² · KL(p ‖ q), p and q being the probabilities of teacher and student
 * behind logits divided by T. T² keeps the gradient's size as T grows.
 */
export interface Teaching {
  /**
   * As what outputs are compared. Softmax: by the divergence of each row; sigmoid: of each output as a Bernoulli variable, the mean over
   * them. Linear: by the squared error, of logits where a softmax or sigmoid follows (Ba and Caruana, "Do Deep Nets Really Need to be
   * Deep?", 2014).
   */
  readonly head: HeadKind;
  /** T; 1 for linear. */
  readonly temperature: number;
  /** Absent: there are no targets, and the loss is the divergence itself. */
  readonly mix?: number;
}

const defaultTemperature = { distillation: 2, unsupervised: 1 } as const;
const defaultMix = 0.5;

/** What tells of linear outputs whether they are logits. */
export interface OutputMeaning {
  /** Names the model in messages. */
  readonly file: string;
  /** The loss against the targets, where there are any. */
  readonly loss?: Loss | undefined;
  readonly training?: TrainingConfiguration | undefined;
}

/** How a recipe lets the original teach; undefined where it does not. Throws matchLinear. */
export function teachingOf(
  { recovery = 'supervised', match, temperature, mix = defaultMix }: FinetuneOptions,
  output: GraphOutputKind,
  meaning: OutputMeaning,
): Teaching | undefined {
  if (recovery === 'supervised') return undefined;
  const probabilities = probabilitiesOf(output, meaning);
  if (match === 'kl' && probabilities === 'linear')
    throw new UserError('matchLinear', { file: meaning.file });
  const head = match === 'mse' ? 'linear' : probabilities;
  return {
    head,
    temperature: head === 'linear' ? 1 : (temperature ?? defaultTemperature[recovery]),
    ...(recovery === 'distillation' && { mix }),
  };
}

/** The output's own last operator, or the one that the loss applies to its logits. */
function probabilitiesOf({ kind }: GraphOutputKind, { loss, training }: OutputMeaning): HeadKind {
  if (kind !== 'linear') return kind;
  if (loss && loss.head !== kind) return loss.head;
  const own = training?.loss === undefined ? undefined : lossNamed(training.loss);
  // CTC takes logits, whatever puts them out.
  if ((loss?.name ?? own) === 'ctc') return 'softmax';
  const [name, fromLogits] = loss ? [loss.name, loss.fromLogits] : [own, training?.fromLogits];
  if (!fromLogits || !name || !isCrossEntropy(name)) return 'linear';
  return answerOf(name) === 'class' ? 'softmax' : 'sigmoid';
}

const lossNames = {
  softmax: 'categorical_crossentropy',
  sigmoid: 'binary_crossentropy',
  linear: 'mean_squared_error',
} as const satisfies Record<HeadKind, LossName>;

/** The loss of logits divided by T, or of linear outputs, against what `taught` makes of the teacher's; rows are `width` wide. */
export function teachingLoss({ head }: Teaching, width: number): Loss {
  const probabilities = head !== 'linear';
  const loss: Loss = { name: lossNames[head], head, width, fromLogits: probabilities };
  return probabilities ? { ...loss, divergence: true } : loss;
}

/** How often the teacher's loss counts, and that against the targets. */
export function teachingFactors({ mix, temperature }: Teaching): { teacher: number; targets: number } {
  return mix === undefined
    ? { teacher: 1, targets: 0 }
    : { teacher: mix * temperature ** 2, targets: 1 - mix };
}

/** The teacher's outputs before the head, [B, …, C], as targets: the probabilities behind them at T, or themselves. */
export function taught({ shape, data }: Tensor, { head, temperature }: Teaching, width: number): Tensor {
  const targets = new Float32Array(data.length);
  const row = new Float64Array(width);
  for (let at = 0; at < data.length; at += width) {
    for (let c = 0; c < width; c++) row[c] = data[at + c] / temperature;
    applyHead(row, head);
    targets.set(row, at);
  }
  return { shape, data: targets };
}
