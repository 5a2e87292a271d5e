import * as tf from '@tensorflow/tfjs-core';
import type { GraphNode } from '../../model/graph.ts';
import { isCategorical, isSparse, type Loss } from '../../model/loss.ts';
import type { Operator } from '../engine.ts';
import { targetEntropy } from '../losses/entropy.ts';
import { forEachRow } from '../losses/rows.ts';
import { checkTargets } from '../losses/targets.ts';
import { sharedBackend, tensorOf } from './backend.ts';
import { runtime } from './runtime.ts';

type LossNode = Extract<GraphNode, { op: 'Loss' }>;

/** A Loss node that is a softmax cross-entropy from logits, without options; undefined: another loss. */
export function crossEntropyOperator(node: LossNode): Operator | undefined {
  const { loss } = node;
  if (!loss.fromLogits || !isCategorical(loss.name) || loss.options) return undefined;
  return {
    weights: [],
    forward: (value, _, { training }) => {
      const [logits, targets] = node.inputs.map(value);
      const mask = node.mask === undefined ? undefined : value(node.mask);
      const rows = logits.size / loss.width;
      const { counts, count } = countedRows(rows, mask?.dataSync());
      const entropy = checkAll(loss, targets.dataSync() as Float32Array | Int32Array, counts) / count;
      return [meanLoss(loss, logits, targets, { counts, count, entropy }, training), tf.scalar(count)];
    },
  };
}

interface Rows {
  /** [rows], 1 = the row counts. */
  readonly counts: Uint8Array;
  readonly count: number;
  /** Mean entropy of their targets, where the loss is what goes beyond it. */
  readonly entropy: number;
}

function meanLoss(loss: Loss, z: tf.Tensor, y: tf.Tensor, rows: Rows, training: boolean): tf.Tensor {
  const compute = tf.customGrad((...args) => {
    const [logits, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const gradient = training ? tensorOf(sharedBackend().output(logits.shape)) : undefined;
    const value = tf.scalar(kernel(loss, logits, y, rows, gradient));
    if (gradient) save([gradient]);
    // The gradient of a loss to itself is 1.
    const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) =>
      dy.dataSync()[0] === 1 ? tf.clone(saved) : tf.mul(saved, dy);
    return { value, gradFunc };
  });
  return compute(z);
}

/** Mean over the rows that count, in float64. */
function kernel(
  loss: Loss,
  z: tf.Tensor,
  y: tf.Tensor,
  { counts, count, entropy }: Rows,
  gradient?: tf.Tensor,
): number {
  const { memory, pool } = runtime();
  const backend = sharedBackend();
  const sparse = isSparse(loss.name);
  const targets = tf.cast(y, sparse ? 'int32' : 'float32');
  const [flags, statistics] = memory.allocateAll(counts.length, counts.length * 24);
  try {
    memory.bytes(flags, counts.length).set(counts);
    const places = [backend.place(z), counts.length, loss.width, flags, backend.place(targets)];
    const results = [statistics, gradient ? backend.place(gradient) : 0, 1 / count];
    // An exponential is worth some twenty operations.
    pool.run('softmaxCrossEntropy', [...places, sparse ? 1 : 0, ...results], 20 * z.size);
    const facts = memory.doubles(statistics, counts.length * 3);
    let sum = 0;
    for (const [r, counted] of counts.entries()) {
      if (counted) sum += facts[3 * r + 1] * Math.log(facts[3 * r]) + facts[3 * r + 2];
    }
    const mean = sum / count - entropy;
    return loss.divergence ? Math.max(0, mean) : mean;
  } finally {
    memory.free(flags);
    memory.free(statistics);
    targets.dispose();
  }
}

function countedRows(rows: number, mask: ArrayLike<number> | undefined): Omit<Rows, 'entropy'> {
  const counts = new Uint8Array(rows);
  let count = 0;
  forEachRow(rows, mask, (row) => {
    counts[row] = 1;
    count++;
  });
  return { counts, count };
}

/**
 * The sum of the entropies of all rows that count, or 0 where the loss does not ask for them.
 * @throws {UserError} lossMismatch where a target of a row that counts cannot be
 */
function checkAll(loss: Loss, targets: ArrayLike<number>, counts: Uint8Array): number {
  const y = new Float64Array(isSparse(loss.name) ? 1 : loss.width);
  let sum = 0;
  for (const [row, counted] of counts.entries()) {
    if (!counted) continue;
    for (let c = 0; c < y.length; c++) y[c] = targets[row * y.length + c];
    checkTargets(loss, y);
    if (loss.divergence) sum += targetEntropy(loss, y);
  }
  return sum;
}
