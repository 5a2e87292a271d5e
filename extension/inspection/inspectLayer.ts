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
  const kernel = await statisticsOf(layer.gates.map((gate) => gate.kernel));
  const recurrent = await statisticsOf(layer.gates.map((gate) => gate.recurrent));
  const { projection: matrix } = layer;
  const projection = matrix && { ...(await statisticsOf([matrix]))[0], outputSize: matrix.rows };
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
    const sum = new Float32Array(biases.length > 0 ? hiddenSize : 0);
    for (const view of biases) for (const [i, value] of own.get(view)?.entries() ?? []) sum[i] += value;
    return Float32Array.from([...sum, ...((peephole && own.get(peephole)) ?? [])]);
  });
  return matrixStatistics(all.map(viewOf), inspector);
}

function viewOf(values: Float32Array): GateView {
  const shape = [values.length];
  return wholeView({ name: '', shape, dtype: 'float32', trainable: false, read: async () => values });
}
