import { wholeView } from '../../../../model/gateView.ts';
import type { CellActivation, RecurrentNode, ValueName } from '../../../../model/graph.ts';
import { type Gate, gateEpsilon, gatesOf, type RecurrentLayer } from '../../../../model/recurrentLayer.ts';
import type { GateName } from '../../../../protocol/report.ts';
import { activationOf } from './activation.ts';
import { type CellBody, clippedOf, made } from './body.ts';
import { type Sum, type SumInputs, sumOf } from './sum.ts';

/** A recurrent cell that the body of a loop spells out. */
export interface CellMatch {
  /** Which of the states is h, and of an LSTM c. */
  readonly h: number;
  readonly c?: number;
  /** What h and c are after the step. */
  readonly next: readonly ValueName[];
  readonly layer: Pick<
    RecurrentLayer,
    'cell' | 'inputSize' | 'hiddenSize' | 'gates' | 'projection' | 'projectionBias'
  >;
  readonly node: Pick<
    RecurrentNode,
    | 'gateActivation'
    | 'activation'
    | 'outputActivation'
    | 'clip'
    | 'cellClip'
    | 'projectionClip'
    | 'linearBeforeReset'
  >;
}

const lstmGates: readonly GateName[] = gatesOf.LSTM;

/** A gate as it is computed: act(clip(sum)). */
export interface FoundGate {
  readonly activation: CellActivation;
  readonly clip?: number;
  readonly sum: Sum;
}

export function gateOf(body: CellBody, name: ValueName, inputs: SumInputs): FoundGate | undefined {
  const applied = activationOf(body, name);
  if (!applied) return undefined;
  const { of, limit } = clippedOf(body, applied.to);
  const sum = normalizedSum(body, of, inputs) ?? sumOf(body, of, inputs);
  return sum && { activation: applied.activation, sum, ...(limit !== undefined && { clip: limit }) };
}

/** A sum that is normalised over the units before its bias is added. */
function normalizedSum(body: CellBody, name: ValueName, inputs: SumInputs): Sum | undefined {
  const node = made(body, name, 'LayerNormalization');
  if (!node?.gamma || Math.fround(node.epsilon) !== Math.fround(gateEpsilon)) return undefined;
  const sum = sumOf(body, node.inputs[0], inputs);
  if (!sum || sum.kernelBias || sum.recurrentBias) return undefined;
  const { gamma, beta } = node;
  return { ...sum, normalization: wholeView(gamma), ...(beta && { kernelBias: wholeView(beta) }) };
}

/**
 * The gate with its weights; undefined where it does not see both the step and the state, has a bias of the state alone, or is normalised
 * and no LSTM's.
 */
export function storedGate(
  name: GateName,
  { kernel, recurrent, kernelBias, recurrentBias, peephole, normalization }: Sum,
): Gate | undefined {
  if (!kernel || !recurrent || (recurrentBias && !kernelBias)) return undefined;
  if (normalization && !lstmGates.includes(name)) return undefined;
  const biases = [kernelBias, recurrentBias].filter((one) => one !== undefined);
  return {
    name,
    kernel,
    recurrent,
    biases,
    ...(peephole && { peephole }),
    ...(normalization && { normalization }),
  };
}

/** All gates, where each is there, they have as many biases, and all are normalised or none. */
export function allGates(gates: readonly (Gate | undefined)[]): readonly Gate[] | undefined {
  const found = gates.filter((gate) => gate !== undefined);
  const alike = found.every(
    ({ biases, normalization }) =>
      biases.length === found[0].biases.length && !normalization === !found[0].normalization,
  );
  return found.length === gates.length && alike ? found : undefined;
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
