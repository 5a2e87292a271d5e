import type { GateView } from '../../model/gateView.ts';
import type { RecurrentNode } from '../../model/graph.ts';
import type { CellGrids } from '../../model/integers.ts';
import type { Parameter } from '../../model/parameter.ts';
import { type Gate, gatesOf, outputSize, recurrentColumns } from '../../model/recurrentLayer.ts';
import type { GateName } from '../../protocol/report.ts';
import { type FurtherWeight, furtherWeights, recurrentWeights } from '../ops/recurrentWeights.ts';
import { type IntegerGate, integerStep } from './cell.ts';
import { integersOf, valuesOf } from './grid.ts';
import { diagonalProduct, hybridProduct } from './hybrid.ts';
import { type HybridGate, hybridLstmStep, hybridRnnStep } from './hybridCell.ts';
import { overSequences } from './sequence.ts';
import type { Values } from './values.ts';
import { type IntegerMatrix, integerMatrix } from './weights.ts';

type Read = readonly Float32Array[];
const lstmGates: readonly GateName[] = gatesOf.LSTM;

/** An LSTM of integers; see `integerStep`. @param weights as `recurrentWeights` and behind them `furtherWeights` have them */
export function integerRecurrent(node: RecurrentNode, grids: CellGrids, x: Values, weights: Read): Values[] {
  const parts = new LayerParts(node, weights);
  const gate = (name: GateName): IntegerGate | undefined => {
    const matrices = parts.matrices(name);
    if (!matrices) return undefined;
    const { kernel, recurrent } = matrices;
    const factors = parts.normalizationMatrix(name);
    const scale = grids.sums?.[lstmGates.indexOf(name)];
    return {
      kernel,
      recurrent,
      bias: parts.biasIntegers(name),
      peephole: parts.peepholeMatrix(name),
      normalization: factors && { factors, scale: needed(scale) },
    };
  };
  const { projection } = parts;
  const step = integerStep({
    grids,
    i: gate('i'),
    f: needed(gate('f')),
    c: needed(gate('c')),
    o: needed(gate('o')),
    projection: projection && { matrix: projection, bias: parts.projectionBiasIntegers },
    cellClip: node.cellClip ?? 0,
    projectionClip: node.projectionClip ?? 0,
  });
  const { hiddenSize } = node.layer;
  return overSequences<Int32Array>(node, x, step, {
    input: (row) => integersOf(row, grids.input),
    first: () => ({
      output: new Int32Array(outputSize(node.layer)).fill(grids.state.zeroPoint),
      cell: new Int32Array(hiddenSize),
      hidden: new Int32Array(hiddenSize),
    }),
    output: (row) => valuesOf(row, grids.output),
    cell: (row) => valuesOf(row, grids.cell),
    hidden: (row) => valuesOf(row, grids.hidden),
  });
}

/** An LSTM or RNN whose matrices are integers; see `hybridLstmStep`. */
export function hybridRecurrent(
  node: RecurrentNode,
  asymmetric: boolean,
  x: Values,
  weights: Read,
): Values[] {
  const parts = new LayerParts(node, weights);
  const { activation, layer } = node;
  const gate = (name: GateName): HybridGate | undefined => {
    const matrices = parts.matrices(name);
    if (!matrices) return undefined;
    return {
      kernel: hybridProduct(matrices.kernel, asymmetric),
      recurrent: layer.diagonal
        ? diagonalProduct(parts.diagonal(name))
        : hybridProduct(matrices.recurrent, asymmetric),
      bias: parts.bias(name),
      peephole: parts.peephole(name),
      normalization: parts.normalization(name),
    };
  };
  const { projection } = parts;
  const step =
    node.op === 'RNN'
      ? hybridRnnStep(needed(gate('h')), activation)
      : hybridLstmStep({
          i: gate('i'),
          f: needed(gate('f')),
          c: needed(gate('c')),
          o: needed(gate('o')),
          projection: projection && {
            product: hybridProduct(projection, asymmetric),
            bias: parts.further('projectionBias') ?? new Float32Array(outputSize(layer)),
          },
          activation,
          cellClip: node.cellClip ?? 0,
          projectionClip: node.projectionClip ?? 0,
        });
  const same = (row: Float32Array) => row;
  return overSequences<Float32Array>(node, x, step, {
    input: same,
    first: () => ({
      output: new Float32Array(outputSize(layer)),
      cell: new Float32Array(layer.hiddenSize),
      hidden: new Float32Array(layer.hiddenSize),
    }),
    output: same,
    cell: same,
    hidden: same,
  });
}

/** A layer's weights by gate, as the file has them. */
class LayerParts {
  readonly #node: RecurrentNode;
  readonly #weights: Read;
  readonly #further: ReadonlyMap<FurtherWeight, Float32Array>;

  constructor(node: RecurrentNode, weights: Read) {
    this.#node = node;
    this.#weights = weights;
    const plain = recurrentWeights(node.layer).length;
    const names = [...furtherWeights(node.layer).keys()];
    this.#further = new Map(names.map((name, i) => [name, weights[plain + i]]));
  }

  /** Undefined of a gate that the layer does not have. */
  matrices(
    name: GateName,
  ): { readonly kernel: IntegerMatrix; readonly recurrent: IntegerMatrix } | undefined {
    const { layer } = this.#node;
    const g = layer.gates.findIndex((gate) => gate.name === name);
    if (g < 0) return undefined;
    const { kernel, recurrent } = layer.gates[g];
    return {
      kernel: this.#matrix(g, this.#weights[0], layer.inputSize, kernel.parameter),
      recurrent: this.#matrix(g, this.#weights[1], recurrentColumns(layer), recurrent.parameter),
    };
  }

  /** [H] */
  bias(name: GateName): Float32Array {
    return this.#ofGate(name, this.#weights[2]);
  }

  /** [H], of a diagonal layer. */
  diagonal(name: GateName): Float32Array {
    return this.#ofGate(name, this.#weights[1]);
  }

  /** [H]; undefined where the gate has none. */
  biasIntegers(name: GateName): Int32Array | undefined {
    const view = this.#gate(name)?.biases[0];
    return view && asIntegers(this.bias(name), view.parameter);
  }

  /** [P] */
  get projectionBiasIntegers(): Int32Array | undefined {
    const values = this.#further.get('projectionBias');
    const view = this.#node.layer.projectionBias;
    return values && view && asIntegers(values, view.parameter);
  }

  peephole(name: GateName): Float32Array | undefined {
    return name === 'i' || name === 'f' || name === 'o' ? this.#further.get(name) : undefined;
  }

  normalization(name: GateName): Float32Array | undefined {
    return isLstmGate(name) ? this.#further.get(`${name} normalization`) : undefined;
  }

  peepholeMatrix(name: GateName): IntegerMatrix | undefined {
    return columnMatrix(this.peephole(name), this.#gate(name)?.peephole);
  }

  normalizationMatrix(name: GateName): IntegerMatrix | undefined {
    return columnMatrix(this.normalization(name), this.#gate(name)?.normalization);
  }

  get projection(): IntegerMatrix | undefined {
    const { projection } = this.#node.layer;
    const values = this.#further.get('projection');
    return (
      projection &&
      values &&
      integerMatrix(values, [projection.rows, projection.columns], projection.parameter)
    );
  }

  further(name: FurtherWeight): Float32Array | undefined {
    return this.#further.get(name);
  }

  #gate(name: GateName): Gate | undefined {
    return this.#node.layer.gates.find((gate) => gate.name === name);
  }

  #ofGate(name: GateName, values: Float32Array): Float32Array {
    const { gates, hiddenSize } = this.#node.layer;
    const from = gates.findIndex((gate) => gate.name === name) * hiddenSize;
    return values.slice(from, from + hiddenSize);
  }

  #matrix(g: number, values: Float32Array, columns: number, parameter: Parameter): IntegerMatrix {
    const { hiddenSize } = this.#node.layer;
    return integerMatrix(values, [hiddenSize, columns], parameter, g * hiddenSize * columns);
  }
}

function columnMatrix(
  values: Float32Array | undefined,
  view: GateView | undefined,
): IntegerMatrix | undefined {
  return values && view && integerMatrix(values, [values.length, 1], view.parameter);
}

/** A vector's integers. */
function asIntegers(values: Float32Array, parameter: Parameter): Int32Array {
  return integerMatrix(values, [values.length, 1], parameter).integers;
}

function isLstmGate(name: GateName): name is (typeof gatesOf.LSTM)[number] {
  return lstmGates.includes(name);
}

function needed<T>(found: T | undefined): T {
  if (found === undefined) throw new Error('a layer of integers lacks a gate');
  return found;
}
