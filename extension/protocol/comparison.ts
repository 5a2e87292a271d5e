import { gateLabels, type Say } from './labels.ts';
import type {
  GateName,
  GateReport,
  InspectReport,
  LayerReport,
  MatrixName,
  MatrixStatistics,
} from './report.ts';

/** One gate in one matrix; `after` is absent where a file is shown as it is. */
export interface Cell {
  before: MatrixStatistics;
  after?: MatrixStatistics;
}

export interface GateRow {
  gate: GateName;
  kernel: Cell;
  recurrent: Cell;
  bias?: Cell;
}

/** A layer with its gates, as drawn: side by side with what became of it. */
export interface LayerRows {
  before: LayerReport;
  after?: LayerReport;
  /** In canonical order, whatever order the report was written in. */
  rows: GateRow[];
}

export const matrices = ['kernel', 'recurrent'] as const satisfies readonly MatrixName[];

const gateOrder = Object.keys(gateLabels) as GateName[];

/** The layers of a report, each with its counterpart of the same name after pruning. */
export function layerRows(before: InspectReport, after?: InspectReport): LayerRows[] {
  const byName = new Map(after?.layers.map((layer) => [layer.name, layer]));
  return before.layers.map((layer) => {
    const partner = byName.get(layer.name);
    const rows = gateOrder.flatMap((gate) => {
      const one = layer.gates[gate];
      return one ? [gateRow(gate, one, partner?.gates[gate])] : [];
    });
    return partner ? { before: layer, after: partner, rows } : { before: layer, rows };
  });
}

/** Inputs × units, the shape of one gate's matrix. */
export function matrixShape(layer: LayerReport, matrix: MatrixName): string {
  return `${matrix === 'kernel' ? layer.inputSize : layer.hiddenSize} × ${layer.hiddenSize}`;
}

/** Cell, direction where there are two, and sizes of a layer in one line; of one that shrank what they became. */
export function describeLayer(
  { before, after = before }: Pick<LayerRows, 'before' | 'after'>,
  say: Say,
): string {
  const changed = (was: number, is: number) => (was === is ? was : say('fromTo', { before: was, after: is }));
  const size = say('units', {
    input: changed(before.inputSize, after.inputSize),
    hidden: changed(before.hiddenSize, after.hiddenSize),
  });
  const cell = before.direction === 'backward' ? `${before.cell} (${say('backward')})` : before.cell;
  return `${cell} · ${size}`;
}

function gateRow(gate: GateName, before: GateReport, after: GateReport | undefined): GateRow {
  const row: GateRow = {
    gate,
    kernel: cell(before.kernel, after?.kernel),
    recurrent: cell(before.recurrent, after?.recurrent),
  };
  if (before.bias) row.bias = cell(before.bias, after?.bias);
  return row;
}

function cell(before: MatrixStatistics, after: MatrixStatistics | undefined): Cell {
  return after ? { before, after } : { before };
}
