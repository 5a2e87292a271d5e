import type { GateView } from '../model/gateView.ts';
import { matrixNames, type RecurrentLayer } from '../model/recurrentLayer.ts';
import type { GateName, MatrixName } from '../protocol/report.ts';

/** One gate of one matrix of one layer: the smallest unit that targets can be set for. */
export interface PrunableGate {
  readonly layer: RecurrentLayer;
  readonly matrix: MatrixName;
  readonly gate: GateName;
  /** [H, I] or [H, H] */
  readonly view: GateView;
}

/** The prunable weights of a model in canonical order: layer, matrix, gate. Within a gate: unit, input. */
export function prunableGates(layers: readonly RecurrentLayer[]): PrunableGate[] {
  return layers.flatMap((layer) =>
    matrixNames.flatMap((matrix) =>
      layer.gates.map((gate) => ({ layer, matrix, gate: gate.name, view: gate[matrix] })),
    ),
  );
}

export function weightCount({ view }: PrunableGate): number {
  return view.rows * view.columns;
}
