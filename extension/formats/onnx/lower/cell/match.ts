import type { CellActivation, RecurrentNode, ValueName } from '../../../../model/graph.ts';
import type { Gate, RecurrentLayer } from '../../../../model/recurrentLayer.ts';
import type { GateName } from '../../../../protocol/report.ts';
import { activationOf } from './activation.ts';
import { type CellBody, clippedOf } from './body.ts';
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
  const sum = sumOf(body, of, inputs);
  return sum && { activation: applied.activation, sum, ...(limit !== undefined && { clip: limit }) };
}

/** The gate with its weights; undefined where it does not see both the step and the state, or has a bias of the state alone. */
export function storedGate(
  name: GateName,
  { kernel, recurrent, kernelBias, recurrentBias, peephole }: Sum,
): Gate | undefined {
  if (!kernel || !recurrent || (recurrentBias && !kernelBias)) return undefined;
  const biases = [kernelBias, recurrentBias].filter((one) => one !== undefined);
  return { name, kernel, recurrent, biases, ...(peephole && { peephole }) };
}

/** All gates, where each is there and they have as many biases. */
export function allGates(gates: readonly (Gate | undefined)[]): readonly Gate[] | undefined {
  const found = gates.filter((gate) => gate !== undefined);
  const alike = found.every(({ biases }) => biases.length === found[0].biases.length);
  return found.length === gates.length && alike ? found : undefined;
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
