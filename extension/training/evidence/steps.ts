import { type RecurrentNode, recurrentInputs, type ValueName } from '../../model/graph.ts';
import type { Tensor } from '../../model/tensor.ts';

type Values = Tensor['data'];

/** What a layer does at one step of one sample. */
export interface LayerStep {
  /** [I] */
  readonly x: Values;
  /** [P], the state that enters: the output one step before, at the first step the initial state or zeros. */
  readonly before: Values;
  /** [H], what its hidden units put out; with a projection that is not what the layer puts out. */
  readonly hidden: Values | undefined;
}

/** The values that `forEachStep` takes. */
export function stepValues(node: RecurrentNode): ValueName[] {
  const {
    x,
    initial: [initial],
  } = recurrentInputs(node, node.inputs);
  const names = [x, node.outputs[0], initial, node.mask, hiddenOutputs(node)];
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** All outputs of the hidden units; undefined of a layer with a projection whose node does not name them. */
export function hiddenOutputs({ outputs, layer }: RecurrentNode): ValueName | undefined {
  return layer.projection ? outputs[4] : outputs[0];
}

/** Visits the unmasked steps of every sample in the order in which the layer goes through them. */
export function forEachStep(
  node: RecurrentNode,
  value: (name: ValueName) => Tensor,
  visit: (step: LayerStep) => void,
): void {
  const {
    x,
    initial: [initial],
  } = recurrentInputs(node, node.inputs);
  const { mask, reverse } = node;
  const [inputs, outputs] = [value(x), value(node.outputs[0])];
  const ofUnits = hiddenOutputs(node);
  const units = ofUnits === undefined ? undefined : value(ofUnits);
  const [batch, steps, width] = outputs.shape;
  const rowOf = ({ data, shape }: Tensor, row: number) => {
    const width = shape[shape.length - 1];
    return data.subarray(row * width, (row + 1) * width);
  };
  const first = initial === undefined ? undefined : value(initial);
  const real = mask === undefined ? undefined : value(mask).data;
  const zeros = new Float32Array(width);
  for (let b = 0; b < batch; b++) {
    // At masked steps the state is held, and zeros may be put out.
    let before: Values = first ? rowOf(first, b) : zeros;
    for (let s = 0; s < steps; s++) {
      const row = b * steps + (reverse ? steps - 1 - s : s);
      if (real?.[row] === 0) continue;
      visit({ x: rowOf(inputs, row), before, hidden: units && rowOf(units, row) });
      before = rowOf(outputs, row);
    }
  }
}
