import * as tf from '@tensorflow/tfjs-core';
import { isSparse } from '../../model/loss.ts';
import type { Operator } from '../engine.ts';
import { forEachRow } from '../losses/rows.ts';
import { checkTargets } from '../losses/targets.ts';
import type { NodeOf } from '../operators.ts';
import { lossOperator as genericLoss } from '../ops/loss.ts';
import type { NativeBackend } from './native.ts';
import { Operations } from './operations.ts';

/** Cross-entropy of classes from logits in one operation; any other loss, or one with options, outside TensorFlow. */
export function lossOperator(node: NodeOf<'Loss'>): Operator | undefined {
  const { loss } = node;
  if (!isSparse(loss.name) || !loss.fromLogits || loss.options) return undefined;
  const generic = genericLoss(node);
  return {
    weights: [],
    forward: (value, variables, run) => {
      const [logits, targets] = node.inputs.map(value);
      const mask = node.mask === undefined ? undefined : value(node.mask);
      const classes = targets.dataSync();
      const { labels, counts } = countedRows(loss, classes, mask?.dataSync());
      const count = counts.reduce((sum, one) => sum + one, 0);
      if (count === 0) return generic.forward(value, variables, run);
      return [meanLoss(logits, labels, counts, count), tf.scalar(count)];
    },
  };
}

type Values = Float32Array | Int32Array | Uint8Array;

/** The classes, and 1 where a row counts; a class that does not count may be anything. */
function countedRows(loss: NodeOf<'Loss'>['loss'], classes: Values, mask: Values | undefined) {
  const labels = new Int32Array(classes.length);
  const counts = new Float32Array(classes.length);
  forEachRow(classes.length, mask, (row) => {
    checkTargets(loss, Float64Array.of(classes[row]));
    labels[row] = classes[row];
    counts[row] = 1;
  });
  return { labels, counts };
}

/** Mean over the rows that count, from logits [rows, C]. */
function meanLoss(logits: tf.Tensor, labels: Int32Array, counts: Float32Array, count: number): tf.Tensor {
  const backend = tf.backend() as unknown as NativeBackend;
  const width = logits.shape[logits.shape.length - 1];
  const compute = tf.customGrad((x, save) => {
    const [mean, gradient] = Operations.scope(backend, (ops) => {
      const rows = ops.of(tf.reshape(x as tf.Tensor, [labels.length, width]));
      const types = ops.float(ops.type('Tlabels', backend.binding.TF_INT32));
      const [losses, slopes] = ops.runAll(
        'SparseSoftmaxCrossEntropyWithLogits',
        [rows, ops.integers([...labels])],
        2,
        types,
      );
      const share = ops.floats(
        counts.map((one) => one / count),
        [labels.length, 1],
      );
      const flat = ops.run('Reshape', [losses, ops.integers([1, labels.length])]);
      const product = ops.run('MatMul', [flat, share]);
      return [ops.take(product), ops.take(ops.run('Mul', [slopes, share]))];
    });
    (save as tf.GradSaveFunc)([gradient]);
    return {
      value: tf.reshape(mean, []),
      gradFunc: (dy: tf.Tensor, [slopes]: tf.Tensor[]) => tf.reshape(tf.mul(slopes, dy), logits.shape),
    };
  });
  return compute(logits);
}
