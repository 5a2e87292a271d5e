import type { Graph, ValueName } from '../model/graph.ts';
import { inferShapes } from '../ops/infer.ts';
import type { Shape } from '../ops/shape.ts';

/** What a graph puts out, and the value from which a loss is computed. */
export interface GraphOutputKind {
  /** Of the last operator. */
  readonly kind: 'softmax' | 'sigmoid' | 'linear';
  /** The output itself, or before a softmax or sigmoid its logits, which do not saturate. */
  readonly value: ValueName;
  /** Of the output, batch first. */
  readonly shape: Shape;
  /** Mask [B,T] of the steps that count. */
  readonly mask?: ValueName;
}

/** Looks at the one output of a graph. Throws `UserError` where the shapes do not fit together. */
export function outputKind(graph: Graph): GraphOutputKind {
  const [{ name, mask }] = graph.outputs;
  const shape = inferShapes(graph).get(name) as Shape;
  const last = graph.nodes.find(({ outputs }) => outputs.includes(name));
  const base = { shape, ...(mask !== undefined && { mask }) };
  if (last?.op === 'Softmax' && (last.axis === -1 || last.axis === shape.length - 1)) {
    return { ...base, kind: 'softmax', value: last.inputs[0] };
  }
  if (last?.op === 'Activation' && last.activation.op === 'Sigmoid') {
    return { ...base, kind: 'sigmoid', value: last.inputs[0] };
  }
  return { ...base, kind: 'linear', value: name };
}
