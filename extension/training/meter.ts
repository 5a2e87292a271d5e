import { isCounted, type LossWithGradient } from '../engine/losses/optional.ts';
import { Overlap } from '../engine/losses/overlap.ts';
import { addOverlap, countSamples, partLosses } from '../engine/losses/parts.ts';
import { applyHead, rowLossOf } from '../engine/losses/rowLoss.ts';
import { forEachRow } from '../engine/losses/rows.ts';
import { checkTargets } from '../engine/losses/targets.ts';
import { answerOf, isCategorical, isOfClasses, isOfSequences, type Loss, partOf } from '../model/loss.ts';
import type { Tensor } from '../model/tensor.ts';
import type { LossName } from '../protocol/losses.ts';
import type { Metrics } from '../protocol/report.ts';
import { UserError } from '../protocol/userError.ts';

export interface MeterResult {
  /** Mean over samples and unmasked steps. */
  readonly loss: number;
  readonly lossName: LossName;
  readonly metrics: Metrics;
}

/** Adds up a loss and its metrics over batches of any size, in float64. */
export class Meter {
  readonly #loss: Loss;
  readonly #rowLoss: LossWithGradient;
  readonly #outputs: Float64Array;
  readonly #targets: Float64Array;
  /** Of a loss of the whole. */
  readonly #overlap: Overlap;
  #rows = 0;
  #lossSum = 0;
  /** Of right answers or absolute errors, averaged over the outputs of a row. */
  #metricSum = 0;

  constructor(loss: Loss) {
    this.#loss = loss;
    this.#rowLoss = rowLossOf(loss);
    this.#overlap = new Overlap(loss);
    this.#outputs = new Float64Array(loss.width);
    this.#targets = new Float64Array(isOfClasses(loss.name) ? 1 : loss.width);
  }

  /**
   * Adds a batch: outputs [B, …, C] before the head (logits where it is a softmax or sigmoid); targets of that shape, or
   * [B, …] or [B, …, 1] class indices, or labels [B, L] of sequences; mask [B, T], 0 = a step that does not count. Throws lossMismatch.
   */
  add(outputs: Tensor, targets: Tensor, mask?: Tensor): void {
    const rows = outputs.data.length / this.#outputs.length;
    if (!isOfSequences(this.#loss.name) && targets.data.length !== rows * this.#targets.length) {
      const shapes = { targets: `[${targets.shape.join(', ')}]`, outputs: `[${outputs.shape.join(', ')}]` };
      const cause = { code: 'reasonTargetsShape', args: shapes } as const;
      throw new UserError('lossMismatch', { loss: this.#loss.name }, cause);
    }
    const part = partOf(this.#loss);
    if (part) {
      const all = { samples: outputs.shape[0], targets: targets.data, mask: mask?.data };
      if (part === 'batch') addOverlap(this.#loss, all, outputs.data, this.#overlap);
      else this.#lossSum += partLosses(this.#loss, all, outputs.data);
      this.#rows += countSamples(this.#loss, all);
      return;
    }
    forEachRow(rows, mask?.data, (row) => {
      copyRow(outputs, row, this.#outputs);
      copyRow(targets, row, this.#targets);
      this.#addRow();
    });
  }

  /** Throws nothingMeasured where no row was added, and lossNotFinite. */
  result(): MeterResult {
    if (this.#rows === 0) throw new UserError('nothingMeasured');
    const { name, options = {} } = this.#loss;
    const isWhole = partOf(this.#loss) === 'batch';
    const loss = isWhole ? (options.weight ?? 1) * this.#overlap.loss : this.#lossSum / this.#rows;
    if (!Number.isFinite(loss)) throw new UserError('lossNotFinite', { loss: name, value: String(loss) });
    const metric = this.#metricSum / this.#rows;
    // Of smoothed targets, or a multiple, it would be none.
    const isPlain = isCategorical(name) && !options.labelSmoothing && (options.weight ?? 1) === 1;
    const answers = { accuracy: metric, ...(isPlain && { perplexity: Math.exp(loss) }) };
    const metrics = answerOf(name) ? answers : { meanAbsoluteError: metric };
    // What is one loss already, Keras adds up to that.
    const sum = isWhole ? loss : this.#lossSum;
    return {
      loss,
      lossName: name,
      metrics: { ...(!partOf(this.#loss) && metrics), ...(this.#loss.summed && { sum }) },
    };
  }

  #addRow(): void {
    if (!isCounted(this.#loss, this.#targets)) return;
    // Here and not when the loss is chosen, because masked steps may hold anything.
    checkTargets(this.#loss, this.#targets);
    if (!this.#loss.fromLogits) applyHead(this.#outputs, this.#loss.head);
    this.#lossSum += this.#rowLoss(this.#outputs, this.#targets);
    this.#metricSum += this.#metric();
    this.#rows++;
  }

  #metric(): number {
    const { name, fromLogits } = this.#loss;
    const [outputs, targets] = [this.#outputs, this.#targets];
    if (isOfClasses(name)) return argMax(outputs) === targets[0] ? 1 : 0;
    if (answerOf(name) === 'class') return argMax(outputs) === argMax(targets) ? 1 : 0;
    let sum = 0;
    if (answerOf(name) === 'yesOrNo') {
      // σ(0) = 0.5
      const threshold = fromLogits ? 0 : 0.5;
      for (let c = 0; c < outputs.length; c++) sum += (outputs[c] > threshold ? 1 : 0) === targets[c] ? 1 : 0;
    } else {
      for (let c = 0; c < outputs.length; c++) sum += Math.abs(outputs[c] - targets[c]);
    }
    return sum / outputs.length;
  }
}

function copyRow({ data }: Tensor, row: number, target: Float64Array): void {
  const width = target.length;
  for (let c = 0, from = row * width; c < width; c++) target[c] = data[from + c];
}

/** The first of equals, as NumPy. */
function argMax(values: Float64Array): number {
  let best = 0;
  for (let c = 1; c < values.length; c++) if (values[c] > values[best]) best = c;
  return best;
}
