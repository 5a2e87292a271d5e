import type { Graph, GraphInput, GraphNode } from '../extension/model/graph.ts';
import type { Parameter } from '../extension/model/parameter.ts';
import { type MemoryParameter, memoryLayer, memoryParameter } from '../test/support/memoryModel.ts';
import type { Configuration, Pass } from './configurations.ts';
import { tensorOf, type Workload } from './workload.ts';

/**
 * The network of a configuration as a graph of ours. Of the recurrent layers' kernels the given share of smallest
 * weights is masked, layer by layer; 0: there are no masks. Inputs: x, and in training y.
 */
export function graphOf(c: Configuration, workload: Workload, pass: Pass, sparsity: number): Graph {
  const parameter = (name: string): Parameter => {
    const { shape, data } = tensorOf(workload, name);
    return memoryParameter(name, shape, data);
  };
  const nodes: GraphNode[] = [];
  let value = 'x';
  if (c.vocabulary !== undefined) {
    nodes.push({
      op: 'Gather',
      inputs: [value],
      outputs: ['rows'],
      origin: 'embedding',
      table: parameter('embedding'),
    });
    value = 'rows';
  }
  for (let i = 0; i < c.layers; i++) {
    const inputSize = i === 0 ? c.inputs : c.hidden;
    const layer = memoryLayer({ name: `lstm${i}`, inputSize, hiddenSize: c.hidden }, () => 0);
    const { kernel, recurrent, bias } = layer;
    kernel.values.set(tensorOf(workload, `kernel${i}`).data);
    recurrent.values.set(tensorOf(workload, `recurrent${i}`).data);
    bias?.values.set(tensorOf(workload, `bias${i}`).data);
    if (sparsity > 0) maskSmallest([kernel, recurrent], sparsity);
    const outputs = [`all${i}`, `last${i}`];
    nodes.push({
      op: 'LSTM',
      inputs: [value],
      outputs,
      origin: layer.name,
      layer,
      gateActivation: { op: 'Sigmoid' },
      activation: { op: 'Tanh' },
    });
    value = outputs[c.sequences || i < c.layers - 1 ? 0 : 1];
  }
  nodes.push({
    op: 'MatMul',
    inputs: [value],
    outputs: ['logits'],
    origin: 'dense',
    weight: parameter('dense'),
    bias: parameter('denseBias'),
  });
  const x: GraphInput =
    c.vocabulary === undefined
      ? { name: 'x', shape: [null, c.steps, c.inputs], dtype: 'float32' }
      : { name: 'x', shape: [null, c.steps], dtype: 'int32', vocabulary: c.vocabulary };
  const outputs = [{ name: 'logits' }];
  if (pass === 'forward') return { inputs: [x], nodes, outputs };
  nodes.push({
    op: 'Loss',
    inputs: ['logits', 'y'],
    outputs: ['loss', 'rows'],
    origin: 'loss',
    loss: { name: 'sparse_categorical_crossentropy', head: 'softmax', width: c.classes, fromLogits: true },
  });
  const y: GraphInput = { name: 'y', shape: c.sequences ? [null, c.steps] : [null], dtype: 'int32' };
  return { inputs: [x, y], nodes, outputs };
}

/** Masks the share of weights that are smallest among all the parameters together. */
function maskSmallest(parameters: readonly MemoryParameter[], sparsity: number): void {
  const sizes = parameters.flatMap(({ values }) => Array.from(values, Math.abs)).sort((a, b) => a - b);
  const threshold = sizes[Math.round(sparsity * sizes.length)] ?? Number.POSITIVE_INFINITY;
  for (const parameter of parameters) {
    parameter.mask = Uint8Array.from(parameter.values, (value) => (Math.abs(value) < threshold ? 0 : 1));
  }
}
