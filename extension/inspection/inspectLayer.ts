import { type GateView, gathered, wholeView } from '../model/gateView.ts';
import type { Parameter } from '../model/parameter.ts';
import type { RecurrentLayer } from '../model/recurrentLayer.ts';
import type { GateReport, LayerReport, MatrixStatistics } from '../protocol/report.ts';
import { LivingUnits } from './livingUnits.ts';
import { type Inspector, matrixStatistics } from './statistics.ts';

/** Describes a recurrent layer matrix by matrix. */
export async function inspectLayer(layer: RecurrentLayer, inspector: Inspector): Promise<LayerReport> {
  const units = new LivingUnits(layer);
  const statisticsOf = (views: readonly GateView[]) =>
    matrixStatistics(views, inspector, (view, block) => units.see(view, block));
  const found: MatrixStatistics[][] = [];
  for (const views of matricesOf(layer)) found.push(await statisticsOf(views));
  const [kernel, recurrent, projected] = found;
  const projection = layer.projection && { ...projected[0], outputSize: layer.projection.rows };
  const bias = await biasStatistics(layer, inspector, units);
  const gates: Partial<Record<string, GateReport>> = {};
  for (const [g, { name }] of layer.gates.entries()) {
    gates[name] = { kernel: kernel[g], recurrent: recurrent[g], ...(bias && { bias: bias[g] }) };
  }
  return {
    name: layer.name,
    cell: layer.cell,
    direction: layer.direction,
    inputSize: layer.inputSize,
    hiddenSize: layer.hiddenSize,
    sparsity: sparsityOf(prunableMatrices({ gates, ...(projection && { projection }) })),
    gates,
    ...(projection && { projection }),
    deadUnits: units.dead(),
  };
}

/** The matrices that a layer's description reads, in this order, each as the views of its gates. */
export function matricesOf({ gates, projection }: RecurrentLayer): GateView[][] {
  const matrices = [gates.map(({ kernel }) => kernel), gates.map(({ recurrent }) => recurrent)];
  return projection ? [...matrices, [projection]] : matrices;
}

/** Kernel and recurrent kernel of every gate of a layer's report, and its projection. */
export function prunableMatrices({
  gates,
  projection,
}: Pick<LayerReport, 'gates' | 'projection'>): MatrixStatistics[] {
  const own = Object.values(gates).flatMap(({ kernel, recurrent }) => [kernel, recurrent]);
  return projection ? [...own, projection] : own;
}

export function sparsityOf(matrices: readonly MatrixStatistics[]): number {
  const size = matrices.reduce((sum, matrix) => sum + matrix.size, 0);
  const zeros = matrices.reduce((sum, matrix) => sum + matrix.zeros, 0);
  return size === 0 ? 0 : zeros / size;
}

/** Two bias vectors are reported as one, their sum; behind it come the weights of a peephole. Undefined where no gate has either. */
async function biasStatistics(
  { gates, hiddenSize }: RecurrentLayer,
  inspector: Inspector,
  units: LivingUnits,
): Promise<MatrixStatistics[] | undefined> {
  const views = gates.flatMap(({ biases, peephole }) => [...biases, ...(peephole ? [peephole] : [])]);
  if (views.length === 0) return undefined;
  const parameters = [...new Set(views.map(({ parameter }) => parameter))];
  const read = new Map<Parameter, Float32Array>();
  for (const parameter of parameters) read.set(parameter, await parameter.read());
  const own = new Map<GateView, Float32Array>();
  for (const view of views) {
    const values = read.get(view.parameter) as Float32Array;
    units.see(view, { from: 0, values });
    own.set(view, gathered(view, values));
  }
  const all = gates.map(({ biases, peephole }) => {
    const weights = (peephole && own.get(peephole)) ?? new Float32Array(0);
    const sums = biases.length > 0 ? hiddenSize : 0;
    const values = new Float32Array(sums + weights.length);
    for (const view of biases) {
      const bias = own.get(view) as Float32Array;
      for (let i = 0; i < hiddenSize; i++) values[i] += bias[i];
    }
    values.set(weights, sums);
    return values;
  });
  return matrixStatistics(all.map(viewOf), inspector);
}

function viewOf(values: Float32Array): GateView {
  const shape = [values.length];
  return wholeView({ name: '', shape, dtype: 'float32', trainable: false, read: async () => values });
}
