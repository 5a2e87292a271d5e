import type { ValueName } from '../../../../model/graph.ts';
import type { CellBody } from './body.ts';
import { allGates, type CellMatch, gateOf, storedGate } from './match.ts';

/** A plain RNN: h' = act(x K + h R + b). */
export function rnnOf(body: CellBody, next: readonly ValueName[]): CellMatch | undefined {
  for (const [h, after] of next.entries()) {
    const gate = gateOf(body, after, { h: body.states[h] });
    const gates = gate && allGates([storedGate('h', gate.sum)]);
    if (!gate || !gates) continue;
    const [{ kernel }] = gates;
    const { activation, clip } = gate;
    return {
      h,
      next: [after],
      layer: { cell: 'RNN', inputSize: kernel.columns, hiddenSize: kernel.rows, gates },
      node: { gateActivation: activation, activation, ...(clip !== undefined && { clip }) },
    };
  }
  return undefined;
}
