import type { GateView } from '../../model/gateView.ts';
import type { CellActivation, RecurrentNode } from '../../model/graph.ts';
import { candidateGate, isNormalized, type RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Message } from '../../protocol/messages.ts';
import { sideBySide } from '../gateMatrices.ts';
import { cellActivationName, impossible, option } from './activationName.ts';
import type { Dialect, KerasLayer, KerasTensor, KerasWeight } from './description.ts';
import { isTrainable } from './weight.ts';

const classNames = { LSTM: 'LSTM', GRU: 'GRU', RNN: 'SimpleRNN' } as const;

/** How a layer is used. */
export interface RecurrentUse {
  readonly name: string;
  readonly inputs: readonly KerasTensor[];
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
}

/** One direction as a Keras layer. Throws conversionImpossible where Keras' layers lack what it does. */
export function kerasRecurrent(node: RecurrentNode, use: RecurrentUse, dialect: Dialect): KerasLayer {
  const { layer, op, origin } = node;
  check(node, dialect);
  const activation = cellActivationName(node.activation, dialect, origin);
  const slope = op === 'RNN' ? undefined : hardSlope(node.gateActivation);
  // Whatever its slope, a hard sigmoid is that of the dialect of weights that make up for it.
  const gates = slope === undefined ? node.gateActivation : hardSigmoid(dialect);
  const gate = op === 'RNN' ? undefined : cellActivationName(gates, dialect, origin);
  const weights = weightsOf(node, slope === undefined ? 1 : slope / hardSigmoid(dialect).alpha);
  return {
    className: classNames[op],
    name: use.name,
    config: {
      name: use.name,
      trainable: true,
      dtype: 'float32',
      return_sequences: use.returnSequences,
      return_state: use.returnState,
      go_backwards: use.goBackwards,
      stateful: node.stateful === true,
      unroll: false,
      ...(dialect === 'keras' && { zero_output_for_mask: node.zeroMaskedOutput === true }),
      units: layer.hiddenSize,
      activation,
      ...(gate !== undefined && { recurrent_activation: gate }),
      use_bias: weights.length === 3,
      ...(op === 'LSTM' && { unit_forget_bias: true }),
      ...(op === 'GRU' && { reset_after: node.linearBeforeReset === true }),
      dropout: node.dropout ?? 0,
      recurrent_dropout: node.recurrentDropout ?? 0,
    },
    inputs: use.inputs,
    weights,
    cell: true,
  };
}

/** The slope of clip(slope · x + 0.5, 0, 1); undefined for other functions. */
function hardSlope(activation: CellActivation): number | undefined {
  if (activation.op !== 'HardSigmoid') return undefined;
  const { alpha = 0.2, beta = 0.5 } = activation;
  return beta === 0.5 ? alpha : undefined;
}

/** That of Keras 3, or of Keras 2, which TensorFlow.js follows. */
function hardSigmoid(dialect: Dialect): { op: 'HardSigmoid'; alpha: number; beta: number } {
  return { op: 'HardSigmoid', alpha: dialect === 'keras' ? 1 / 6 : 0.2, beta: 0.5 };
}

function check(node: RecurrentNode, dialect: Dialect): void {
  const { layer, origin } = node;
  const lacking = (what: string | Message) => impossible(origin, what, dialect);
  if (layer.projection) throw lacking(option('optionProjection'));
  if (layer.gates.some(({ peephole }) => peephole)) throw lacking(option('optionPeepholes'));
  if (isNormalized(layer)) throw lacking(option('optionNormalizedGates'));
  if (node.clip !== undefined || node.cellClip !== undefined) throw lacking(option('optionClip'));
  if (node.inputForget || (node.op === 'LSTM' && layer.gates.length < 4))
    throw lacking(option('optionCoupledGates'));
  if (node.outputActivation)
    throw lacking({ code: 'optionOutputActivation', args: { name: node.outputActivation.op } });
  if (dialect === 'tfjs' && node.linearBeforeReset) throw lacking('reset_after');
  if (dialect === 'tfjs' && node.mask !== undefined && node.zeroMaskedOutput)
    throw lacking('zero_output_for_mask');
}

/**
 * kernel [I, G·H], recurrent_kernel [H, G·H], bias [G·H] or, of a GRU that resets behind the product, [2, 3·H].
 * @param factor of the weights of all gates but the candidate
 */
function weightsOf({ layer, linearBeforeReset }: RecurrentNode, factor: number): KerasWeight[] {
  const { gates, hiddenSize, inputSize, cell } = layer;
  const factors = gates.map(({ name }) => (name === candidateGate[cell] ? 1 : factor));
  const width = gates.length * hiddenSize;
  const matrix = (
    name: string,
    rows: number,
    view: (gate: RecurrentLayer['gates'][number]) => GateView,
  ): KerasWeight => ({
    name,
    shape: [rows, width],
    trainable: gates.some((gate) => isTrainable(view(gate).parameter)),
    values: () => scaled(gates.map(view), rows, hiddenSize, factors),
  });
  const weights = [
    matrix('kernel', inputSize, ({ kernel }) => kernel),
    matrix('recurrent_kernel', hiddenSize, ({ recurrent }) => recurrent),
  ];
  if (gates.every(({ biases }) => biases.length === 0)) return weights;
  const apart = linearBeforeReset === true;
  const bias: KerasWeight = {
    name: 'bias',
    shape: apart ? [2, width] : [width],
    trainable: gates.some(({ biases }) => biases.some(({ parameter }) => isTrainable(parameter))),
    values: async () => {
      const rows = await Promise.all(
        [0, 1].map((v) =>
          scaled(
            gates.map(({ biases }) => biases[v]),
            1,
            hiddenSize,
            factors,
          ),
        ),
      );
      if (apart) return Float32Array.from([...rows[0], ...rows[1]]);
      return rows[0].map((value, i) => value + rows[1][i]);
    },
  };
  return [...weights, bias];
}

/** Matrices of gates side by side, each times its factor. */
async function scaled(
  views: readonly (GateView | undefined)[],
  rows: number,
  hiddenSize: number,
  factors: readonly number[],
): Promise<Float32Array> {
  const width = views.length * hiddenSize;
  const values = await sideBySide(views, rows, hiddenSize);
  return values.map((value, i) => value * factors[Math.floor((i % width) / hiddenSize)]);
}
