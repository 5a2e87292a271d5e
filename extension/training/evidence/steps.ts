import type { RecurrentNode, ValueName } from '../../model/graph.ts';
import type { Tensor } from '../../model/tensor.ts';

type Values = Tensor['data'];

/** What a layer does at one step of one sample. */
export interface LayerStep {
  /** [I] */
  readonly x: Values;
  /** [H], the state that enters: the output one step before, at the first step the initial state or zeros. */
  readonly before: Values;
  /** [H], what it puts out. */
  readonly h: Values;
}

/** The values that `forEachStep` takes. */
export function stepValues({ inputs: [x, initial], outputs: [all], mask }: RecurrentNode): ValueName[] {
  return [x, all, ...(initial === undefined ? [] : [initial]), ...(mask === undefined ? [] : [mask])];
}

/** Visits the unmasked steps of every sample in the order in which the layer goes through them. */
export function forEachStep(
  { inputs: [x, initial], outputs: [all], mask, reverse }: RecurrentNode,
  value: (name: ValueName) => Tensor,
  visit: (step: LayerStep) => void,
): void {
  const [inputs, outputs] = [value(x), value(all)];
  const [batch, steps, hidden] = outputs.shape;
  const rowOf = ({ data, shape }: Tensor, row: number) => {
    const width = shape[shape.length - 1];
    return data.subarray(row * width, (row + 1) * width);
  };
  const first = initial === undefined ? undefined : value(initial);
  const real = mask === undefined ? undefined : value(mask).data;
  const zeros = new Float32Array(hidden);
  for (let b = 0; b < batch; b++) {
    // At masked steps the state is held, and zeros may be put out.
    let before: Values = first ? rowOf(first, b) : zeros;
    for (let s = 0; s < steps; s++) {
      const row = b * steps + (reverse ? steps - 1 - s : s);
      if (real?.[row] === 0) continue;
      const h = rowOf(outputs, row);
      visit({ x: rowOf(inputs, row), before, h });
      before = h;
    }
  }
}

/** Whether a node is a recurrent layer. */
export function isRecurrent(node: { readonly op: string }): node is RecurrentNode {
  return node.op === 'LSTM' || node.op === 'GRU' || node.op === 'RNN';
}
