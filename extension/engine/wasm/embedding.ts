import * as tf from '@tensorflow/tfjs-core';
import type { GraphNode } from '../../model/graph.ts';
import type { Operator } from '../engine.ts';
import { tokenIds } from '../ops/tokenIds.ts';
import { plainWeight } from '../weight.ts';
import { newTensor, sharedBackend } from './backend.ts';
import { defineOperation } from './operation.ts';
import { runtime } from './runtime.ts';

/** Rows of a table [vocabulary, width] by int32 ids [...]: [..., width]. */
const compute = defineOperation<'table' | 'ids', { readonly tableShape: readonly number[] }>({
  name: 'LstmPrunerEmbedding',
  saved: ['ids'],
  forward: ({ table, ids }) => {
    const backend = sharedBackend();
    const width = table.shape[1];
    const count = tf.util.sizeFromShape(ids.shape);
    const output = backend.output([...ids.shape, width]);
    const places = [backend.place(table), backend.place(ids)];
    runtime().pool.run('gatherRows', [...places, count, width, output.pointer], count * width);
    return [output];
  },
  gradient: ([dy], [ids], { tableShape }) => ({
    table: () => {
      const backend = sharedBackend();
      const [vocabulary, width] = tableShape;
      return newTensor(tableShape, (gradient) => {
        const values = [backend.place(dy), backend.place(ids), ids.size, width, vocabulary];
        const work = (ids.size + vocabulary) * width;
        runtime().pool.run('scatterRows', [...values, gradient], work);
      });
    },
  }),
});

/** Ids [B,…] to rows of the table [vocabulary, width]. */
export function embeddingOperator(node: Extract<GraphNode, { op: 'Gather' }>): Operator {
  return {
    weights: [plainWeight(node.table, 'table')],
    forward: (value, [table]) => {
      const ids = tokenIds(node, value(node.inputs[0]));
      return compute({ table: table.tensor, ids }, { tableShape: table.tensor.shape });
    },
  };
}
