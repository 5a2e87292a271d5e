import { sizeText } from './countedLabels.ts';
import { gateLabels, type Say } from './labels.ts';
import type { Numbers } from './numbers.ts';
import type {
  GateMatrix,
  GateName,
  GateReport,
  InspectReport,
  LayerReport,
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

export const matrices = ['kernel', 'recurrent'] as const satisfies readonly GateMatrix[];

const gateOrder = Object.keys(gateLabels) as GateName[];

/** The layers of a report, each with its counterpart of the same name after pruning; of one that has left it is empty. */
export function layerRows(before: InspectReport, after?: InspectReport): LayerRows[] {
  return before.layers.map((layer) => {
    const found = after?.layers.find(({ name }) => name === layer.name);
    const partner = found ?? (after && gone(layer));
    const rows = gateOrder.flatMap((gate) => {
      const one = layer.gates[gate];
      return one ? [gateRow(gate, one, partner?.gates[gate])] : [];
    });
    return partner ? { before: layer, after: partner, rows } : { before: layer, rows };
  });
}

/** A layer without units, of whose weights none is left. */
function gone(layer: LayerReport): LayerReport {
  const none = ({ size }: MatrixStatistics): MatrixStatistics => {
    return { size, zeros: size, sparsity: 1, meanAbs: 0, maxAbs: 0, nearZero: size };
  };
  const gates = Object.entries(layer.gates).map(([name, { kernel, recurrent, bias }]) => {
    return [name, { kernel: none(kernel), recurrent: none(recurrent), ...(bias && { bias: none(bias) }) }];
  });
  const { projection } = layer;
  return {
    ...layer,
    hiddenSize: 0,
    sparsity: 1,
    deadUnits: [],
    gates: Object.fromEntries(gates),
    ...(projection && { projection: { ...none(projection), outputSize: 0 } }),
  };
}

/** Inputs × units, the shape of one gate's matrix. */
export function matrixShape(layer: LayerReport, matrix: GateMatrix): string {
  const { inputSize, hiddenSize, projection } = layer;
  return `${matrix === 'kernel' ? inputSize : (projection?.outputSize ?? hiddenSize)} × ${hiddenSize}`;
}

/** What a layer's projection is, and how much of it is zero; undefined where it has none. */
export function projectionText(
  { before, after }: Pick<LayerRows, 'before' | 'after'>,
  say: Say,
  numbers: Pick<Numbers, 'percent' | 'count'>,
): string | undefined {
  const [was, is] = [before.projection, after?.projection];
  if (!was) return undefined;
  const share = (one: MatrixStatistics) => numbers.percent(one.sparsity);
  return say('projectionOf', {
    shape: `${before.hiddenSize} × ${was.outputSize}`,
    count: numbers.count(was.size),
    share: is ? say('fromTo', { before: share(was), after: share(is) }) : share(was),
  });
}

/** Cell, direction where there are two, and sizes of a layer in one line; of one that shrank or left what became of it. */
export function describeLayer(
  { before, after = before }: Pick<LayerRows, 'before' | 'after'>,
  say: Say,
): string {
  const changed = (was: number, is: number) => (was === is ? was : say('fromTo', { before: was, after: is }));
  const size = sizeText(
    changed(before.inputSize, after.inputSize),
    changed(before.hiddenSize, after.hiddenSize),
    say,
  );
  const cell = before.direction === 'backward' ? `${before.cell} (${say('backward')})` : before.cell;
  if (after.hiddenSize > 0) return `${cell} · ${size}`;
  const units = sizeText(before.inputSize, before.hiddenSize, say);
  return `${cell} · ${units} · ${say('layerRemoved')}`;
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
