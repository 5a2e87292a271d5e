import type { GateReport, LayerReport, MatrixStatistics } from '../protocol/report.ts';
import { type GateView, gathered } from './gateView.ts';
import type { Parameter } from './parameter.ts';
import { candidateGate, type RecurrentLayer } from './recurrentLayer.ts';
import { markLiveRows, matrixStatistics } from './statistics.ts';

/** Describes a recurrent layer matrix by matrix: in memory are only the parameters that the gates of one matrix lie in. */
export async function inspectLayer(layer: RecurrentLayer): Promise<LayerReport> {
  const last = new LastRead();
  const units = new LivingUnits(layer);
  const kernel = await statisticsOf(kernelsOf(layer), last, units);
  const recurrent = await statisticsOf(recurrentsOf(layer), last, units);
  const { projection: matrix } = layer;
  const projection = matrix && {
    ...(await statisticsOf([matrix], last))[0],
    outputSize: matrix.rows,
  };
  const bias = await biasStatistics(layer, last, units);
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

/** The values that were read last; what the next matrix shares with the one before, such as kernels in one tensor, is not read again. */
class LastRead {
  readonly #values = new Map<Parameter, Float32Array>();

  /** For each view, all values of its parameter. */
  async of(views: readonly GateView[]): Promise<Float32Array[]> {
    const wanted = new Set(views.map(({ parameter }) => parameter));
    for (const parameter of this.#values.keys()) if (!wanted.has(parameter)) this.#values.delete(parameter);
    for (const parameter of wanted)
      if (!this.#values.has(parameter)) this.#values.set(parameter, await parameter.read());
    return views.map(({ parameter }) => this.#values.get(parameter) as Float32Array);
  }
}

/** Tells the units whose candidate has nothing but zeros: from a zero state they put out activation(0) = 0 at every step. */
class LivingUnits {
  readonly #views: ReadonlySet<GateView>;
  readonly #alive: Uint8Array;

  constructor({ cell, gates, hiddenSize, zeroPreserving }: RecurrentLayer) {
    const gate = gates.find(({ name }) => name === candidateGate[cell]);
    // Where the activation of 0 is not 0, or nobody knows it, no unit counts as dead.
    this.#views = new Set(gate && zeroPreserving ? [gate.kernel, gate.recurrent, ...gate.biases] : []);
    this.#alive = new Uint8Array(this.#views.size > 0 ? hiddenSize : 0);
  }

  /** Notes the units to which a view gives a value that is not 0; views of other gates are passed over. */
  see(views: readonly GateView[], values: readonly Float32Array[]): void {
    for (const [i, view] of views.entries())
      if (this.#views.has(view)) markLiveRows(view, values[i], this.#alive);
  }

  dead(): number[] {
    return [...this.#alive.keys()].filter((unit) => this.#alive[unit] === 0);
  }
}

function kernelsOf({ gates }: RecurrentLayer): GateView[] {
  return gates.map(({ kernel }) => kernel);
}

function recurrentsOf({ gates }: RecurrentLayer): GateView[] {
  return gates.map(({ recurrent }) => recurrent);
}

/** A function of its own, so that nothing but `last` still holds the values while the next ones are read. */
async function statisticsOf(
  views: readonly GateView[],
  last: LastRead,
  units?: LivingUnits,
): Promise<MatrixStatistics[]> {
  const values = await last.of(views);
  units?.see(views, values);
  return matrixStatistics(views, values);
}

/** Two bias vectors are reported as one, their sum; behind it come the weights of a peephole. Undefined where no gate has either. */
async function biasStatistics(
  { gates, hiddenSize }: RecurrentLayer,
  last: LastRead,
  units: LivingUnits,
): Promise<MatrixStatistics[] | undefined> {
  const views = gates.flatMap(({ biases, peephole }) => [...biases, ...(peephole ? [peephole] : [])]);
  if (views.length === 0) return undefined;
  const values = await last.of(views);
  units.see(views, values);
  const own = new Map(views.map((view, i) => [view, gathered(view, values[i])]));
  const all = gates.map(({ biases, peephole }) => {
    const sum = new Float32Array(biases.length > 0 ? hiddenSize : 0);
    for (const view of biases) for (const [i, value] of own.get(view)?.entries() ?? []) sum[i] += value;
    return Float32Array.from([...sum, ...((peephole && own.get(peephole)) ?? [])]);
  });
  const whole = all.map(({ length: rows }) => ({ ...views[0], rows, columns: 1, offset: 0, rowStride: 1 }));
  return matrixStatistics(whole, all);
}
