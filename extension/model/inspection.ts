import type {
  GateReport,
  InspectReport,
  LayerReport,
  MatrixStatistics,
  ProjectionReport,
  TensorReport,
} from '../protocol/report.ts';
import { type GateView, gathered } from './gateView.ts';
import type { Model } from './model.ts';
import { type Parameter, sizeOf } from './parameter.ts';
import { biasViews, candidateGate, type RecurrentLayer } from './recurrentLayer.ts';
import { matrixStatistics } from './statistics.ts';

/** A weight tensor that counts as prunable although it is no recurrent layer's. */
export interface IncludedTensor {
  readonly name: string;
  readonly view: GateView;
}

/**
 * Reads a model's recurrent layers, one layer's arrays at a time, and describes every gate; then what else is prunable.
 * @param step called before each layer; throws to stop
 */
export async function inspectModel(
  model: Model,
  step?: () => Promise<void> | void,
  included: readonly IncludedTensor[] = [],
): Promise<InspectReport> {
  const layers: LayerReport[] = [];
  for (const layer of model.layers) {
    await step?.();
    layers.push(await inspectLayer(layer));
  }
  const others: TensorReport[] = [];
  for (const { name, view } of included) {
    await step?.();
    others.push({ name, ...matrixStatistics([view], [await view.parameter.read()])[0] });
  }
  const matrices = [...layers.flatMap(prunableMatrices), ...others];
  return {
    format: model.format,
    bytes: model.bytes,
    parameters: model.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    sparsity: sparsityOf(matrices),
    layers,
    ...(others.length > 0 && { included: others }),
    ...(model.notEvaluable && { notEvaluable: model.notEvaluable }),
  };
}

/** Everything that is prunable in a report. */
export function prunableStatistics({ layers, included = [] }: InspectReport): MatrixStatistics[] {
  return [...layers.flatMap(prunableMatrices), ...included];
}

/** Kernel and recurrent kernel of every gate of a layer's report, and its projection. */
function prunableMatrices({
  gates,
  projection,
}: Pick<LayerReport, 'gates' | 'projection'>): MatrixStatistics[] {
  const own = Object.values(gates).flatMap(({ kernel, recurrent }) => [kernel, recurrent]);
  return projection ? [...own, projection] : own;
}

async function inspectLayer(layer: RecurrentLayer): Promise<LayerReport> {
  const values = await readLayer(layer);
  const valuesOf = (views: readonly GateView[]) =>
    views.map(({ parameter }) => values.get(parameter) as Float32Array);
  const kernels = layer.gates.map(({ kernel }) => kernel);
  const recurrents = layer.gates.map(({ recurrent }) => recurrent);
  const kernel = matrixStatistics(kernels, valuesOf(kernels));
  const recurrent = matrixStatistics(recurrents, valuesOf(recurrents));
  const bias = biasStatistics(layer, values);
  const gates: Partial<Record<string, GateReport>> = {};
  for (const [g, { name }] of layer.gates.entries()) {
    gates[name] = { kernel: kernel[g], recurrent: recurrent[g], ...(bias && { bias: bias[g] }) };
  }
  const projection = layer.projection && projectionReport(layer.projection, values);
  return {
    name: layer.name,
    cell: layer.cell,
    direction: layer.direction,
    inputSize: layer.inputSize,
    hiddenSize: layer.hiddenSize,
    sparsity: sparsityOf(prunableMatrices({ gates, ...(projection && { projection }) })),
    gates,
    ...(projection && { projection }),
    deadUnits: deadUnits(layer, values),
  };
}

function projectionReport(
  projection: GateView,
  values: ReadonlyMap<Parameter, Float32Array>,
): ProjectionReport {
  const own = values.get(projection.parameter) as Float32Array;
  return { ...matrixStatistics([projection], [own])[0], outputSize: projection.rows };
}

async function readLayer(layer: RecurrentLayer): Promise<Map<Parameter, Float32Array>> {
  const { gates, projection } = layer;
  const matrices = gates.flatMap(({ kernel, recurrent }) => [kernel, recurrent]);
  const values = new Map<Parameter, Float32Array>();
  for (const { parameter } of [...matrices, ...(projection ? [projection] : []), ...biasViews(layer)]) {
    if (!values.has(parameter)) values.set(parameter, await parameter.read());
  }
  return values;
}

/** Two bias vectors are reported as one, their sum; behind it come the weights of a peephole. Undefined where no gate has either. */
function biasStatistics(
  { gates, hiddenSize }: RecurrentLayer,
  values: ReadonlyMap<Parameter, Float32Array>,
): MatrixStatistics[] | undefined {
  const all = gates.map(({ biases, peephole }) => {
    const sum = new Float32Array(biases.length > 0 ? hiddenSize : 0);
    const own = (view: GateView) => gathered(view, values.get(view.parameter) as Float32Array);
    for (const view of biases) {
      const one = own(view);
      for (let i = 0; i < hiddenSize; i++) sum[i] += one[i];
    }
    return peephole ? Float32Array.from([...sum, ...own(peephole)]) : sum;
  });
  const [first] = gates.flatMap(({ biases, peephole }) => [...biases, ...(peephole ? [peephole] : [])]);
  if (!first) return undefined;
  const views = all.map(({ length: rows }) => ({ ...first, rows, offset: 0, rowStride: 1 }));
  return matrixStatistics(views, all);
}

/** Units whose candidate has nothing but zeros: from a zero state they put out activation(0) = 0 at every step. */
function deadUnits(layer: RecurrentLayer, values: ReadonlyMap<Parameter, Float32Array>): number[] {
  const gate = layer.gates.find(({ name }) => name === candidateGate[layer.cell]);
  if (!gate || !layer.zeroPreserving) return [];
  const alive = new Uint8Array(layer.hiddenSize);
  for (const view of [gate.kernel, gate.recurrent, ...gate.biases]) {
    const matrix = gathered(view, values.get(view.parameter) as Float32Array);
    for (let i = 0; i < matrix.length; i++) if (matrix[i] !== 0) alive[Math.floor(i / view.columns)] = 1;
  }
  return [...alive.keys()].filter((unit) => alive[unit] === 0);
}

function sparsityOf(matrices: readonly MatrixStatistics[]): number {
  const size = matrices.reduce((sum, matrix) => sum + matrix.size, 0);
  const zeros = matrices.reduce((sum, matrix) => sum + matrix.zeros, 0);
  return size === 0 ? 0 : zeros / size;
}
