import { isRecurrent, type RecurrentNode, type ValueName } from '../../../../model/graph.ts';
import type { RecurrentLayer } from '../../../../model/recurrentLayer.ts';
import { type CellBody, made } from './body.ts';

/** A step by ONNX' own operator, as a sequence of one step. */
export interface OperatorMatch {
  readonly h: number;
  readonly c?: number;
  readonly next: readonly ValueName[];
  readonly node: RecurrentNode;
  /** The layer, which has been found already. */
  readonly found: RecurrentLayer;
}

/** Such a step, if the states are what an LSTM, GRU or RNN makes of themselves. */
export function operatorOf(body: CellBody, next: readonly ValueName[]): OperatorMatch | undefined {
  for (const [h, after] of next.entries()) {
    const node = body.producer(after);
    if (!isRecurrent(node) || node.outputs[2] !== after || node.mask !== undefined || node.reverse) continue;
    const [x, ...states] = node.inputs;
    const c = node.op === 'LSTM' ? next.indexOf(node.outputs[3]) : undefined;
    const own = [h, ...(c === undefined ? [] : [c])].map((i) => body.states[i]);
    const step = made(body, x, 'Reshape')?.inputs[0];
    const fits =
      step === body.x && states.length === own.length && states.every((name, i) => name === own[i]);
    if (fits)
      return { h, ...(c !== undefined && { c }), next: node.outputs.slice(2, 4), node, found: node.layer };
  }
  return undefined;
}
