import { type GateView, transposedView, wholeView } from '../../model/gateView.ts';
import type { Activation } from '../../model/graph.ts';
import {
  auxiliarySize,
  type Gate,
  gatesOf,
  isNormalized,
  type RecurrentLayer,
} from '../../model/recurrentLayer.ts';
import { preservesZero } from '../../model/zeroPreserving.ts';
import type { Cell, Direction } from '../../protocol/report.ts';
import { checkShape } from '../checkShape.ts';
import { damaged } from '../damaged.ts';
import { UniqueNames } from '../uniqueNames.ts';
import { fusedActivation } from './activations.ts';
import type { TfliteParameters } from './parameters.ts';
import type { TfliteGraph, TfliteOperator } from './schema.ts';

/** Where one direction's weights stand among an operator's inputs (TensorFlow Lite kernels of the same names). */
export interface Places {
  readonly direction: Direction;
  /** Of the gates in canonical order: i, f, c, o; h. */
  readonly kernel: readonly number[];
  readonly recurrent: readonly number[];
  readonly bias: readonly number[];
  readonly peephole: readonly number[];
  readonly normalization?: readonly number[];
  /** Kernels of the operator's auxiliary input. */
  readonly auxiliary?: readonly number[];
  readonly projection?: number;
  readonly projectionBias?: number;
  /** h, then c. */
  readonly states: readonly number[];
}

export interface RecurrentOperator {
  readonly cell: Cell;
  readonly places: readonly Places[];
  /** A second sequence, which both directions read if they have kernels for it; else the backward one reads it instead of the first. */
  readonly auxiliary?: number;
  /** Of recurrent matrices there may be the diagonals alone. */
  readonly diagonals?: boolean;
  /** Fields of its options. */
  readonly fields: {
    readonly activation: number;
    readonly timeMajor: number;
    /** What a file means that does not say it. */
    readonly timeMajorUsually?: boolean;
    readonly asymmetric: number;
    readonly merge?: number;
    readonly clip?: number;
  };
}

const run = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

function lstmPlaces(direction: Direction, from: number, state: number): Places {
  return {
    direction,
    kernel: run(from, 4),
    recurrent: run(from + 4, 4),
    peephole: run(from + 8, 3),
    bias: run(from + 11, 4),
    projection: from + 15,
    projectionBias: from + 16,
    states: [state, state + 1],
  };
}

function rnnPlaces(direction: Direction, from: number): Places {
  return {
    direction,
    kernel: [from],
    recurrent: [from + 1],
    bias: [from + 2],
    peephole: [],
    states: [from + 3],
  };
}

/** By the operator's code. */
export const recurrentOperators: ReadonlyMap<number, RecurrentOperator> = new Map([
  [
    35,
    {
      cell: 'RNN',
      places: [rnnPlaces('forward', 1)],
      fields: { timeMajor: 0, activation: 1, asymmetric: 2 },
    },
  ],
  [
    44,
    {
      cell: 'LSTM',
      places: [{ ...lstmPlaces('forward', 1, 18), normalization: run(20, 4) }],
      diagonals: true,
      fields: { activation: 0, clip: 1, timeMajor: 3, asymmetric: 4 },
    },
  ],
  [
    46,
    {
      cell: 'RNN',
      places: [
        { ...rnnPlaces('forward', 1), auxiliary: [10] },
        { ...rnnPlaces('backward', 5), auxiliary: [11] },
      ],
      auxiliary: 9,
      fields: { timeMajor: 0, activation: 1, merge: 2, asymmetric: 3 },
    },
  ],
  [
    52,
    {
      cell: 'LSTM',
      places: [
        { ...lstmPlaces('forward', 1, 35), auxiliary: run(40, 4) },
        { ...lstmPlaces('backward', 18, 37), auxiliary: run(44, 4) },
      ],
      auxiliary: 39,
      fields: { activation: 0, clip: 1, merge: 3, timeMajor: 4, timeMajorUsually: true, asymmetric: 5 },
    },
  ],
]);

/** Names of the recurrent operators' layers in all graphs: that of the output, with a number where it is another's. */
export function recurrentNames(graphs: readonly TfliteGraph[]): Map<TfliteOperator, string> {
  const names = new Map<TfliteOperator, string>();
  const unique = new UniqueNames('#');
  for (const { operators, tensors } of graphs) {
    for (const operator of operators) {
      if (!recurrentOperators.has(operator.code)) continue;
      names.set(operator, unique.of(tensors[operator.outputs[0]]?.name || `lstm_${names.size}`));
    }
  }
  return names;
}

/** The layers of an operator, one a direction. Throws weightShape, fileDamaged or dtypeUnsupported. */
export function recurrentLayers(
  { cell, places, fields, diagonals = false }: RecurrentOperator,
  operator: TfliteOperator,
  name: string,
  graph: TfliteGraph,
  parameters: TfliteParameters,
  file: string,
): RecurrentLayer[] {
  const activation = fusedActivation(operator.options?.uint8(fields.activation) ?? 0);
  return places.map((place) => {
    const optional = (index: number | undefined): GateView | undefined => {
      const tensor = index === undefined ? undefined : graph.tensors[operator.inputs[index] ?? -1];
      return tensor ? rowsView(parameters.of(tensor)) : undefined;
    };
    const all = gatesOf[cell].flatMap((gateName, g): Gate[] => {
      const [kernel, recurrent, bias] = [place.kernel[g], place.recurrent[g], place.bias[g]].map(optional);
      // An input gate without weights is coupled to the forget gate.
      if (!kernel && !recurrent && gateName === 'i') return [];
      if (!kernel || !recurrent) throw damaged(file);
      const hole = cell === 'LSTM' ? optional(place.peephole[['i', 'f', 'o'].indexOf(gateName)]) : undefined;
      const normalization = optional(place.normalization?.[g]);
      const biases = bias ? [bias] : [];
      const auxiliary = optional(place.auxiliary?.[g]);
      const beside = {
        ...(auxiliary && { auxiliary }),
        ...(hole && { peephole: hole }),
        ...(normalization && { normalization }),
      };
      return [{ name: gateName, kernel, recurrent, biases, ...beside }];
    });
    const [first] = all;
    const projection = optional(place.projection);
    const projectionBias = optional(place.projectionBias);
    const [hiddenSize, inputSize] = [first.kernel.rows, first.kernel.columns];
    const outputs = projection?.rows ?? hiddenSize;
    // They multiply as many units as there are outputs.
    const isDiagonal = ({ parameter: { shape } }: GateView) =>
      diagonals && shape.length === 1 && outputs === hiddenSize;
    for (const { kernel, recurrent, auxiliary, biases, peephole, normalization } of all) {
      if (auxiliary) checkShape(auxiliary.parameter, [hiddenSize, auxiliarySize({ gates: all })], file);
      checkShape(kernel.parameter, [hiddenSize, inputSize], file);
      checkShape(recurrent.parameter, isDiagonal(recurrent) ? [outputs] : [hiddenSize, outputs], file);
      for (const view of [...biases, peephole, normalization])
        if (view) checkShape(view.parameter, [hiddenSize], file);
    }
    if (projection) checkShape(projection.parameter, [outputs, hiddenSize], file);
    if (projectionBias) checkShape(projectionBias.parameter, [outputs], file);
    return {
      name: places.length === 1 ? name : `${name}/${place.direction}`,
      cell,
      direction: place.direction,
      inputSize,
      hiddenSize,
      gates: all,
      ...(projection && { projection }),
      ...(projectionBias && { projectionBias }),
      ...(all.every(({ recurrent }) => isDiagonal(recurrent)) && { diagonal: true }),
      // What is normalised is 0 only by chance, and whether a second kernel is 0 nobody asks.
      zeroPreserving:
        isZeroPreserving(activation) && !isNormalized({ gates: all }) && auxiliarySize({ gates: all }) === 0,
    };
  });
}

function isZeroPreserving(activation: Activation | undefined): boolean {
  return activation !== undefined && preservesZero(activation);
}

/** A matrix [out, in]; a vector has one column. */
function rowsView(parameter: GateView['parameter']): GateView {
  return parameter.shape.length === 2 ? transposedView(parameter) : wholeView(parameter);
}
