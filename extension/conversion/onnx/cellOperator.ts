import type { CellActivation, RecurrentNode } from '../../model/graph.ts';
import { isNormalized, outputSize } from '../../model/recurrentLayer.ts';
import { orderedGates, stacked } from '../gateMatrices.ts';
import { type CellFunction, cellFunction } from './activation.ts';
import type { OnnxBuilder } from './builder.ts';
import type { Attribute } from './messages.ts';

/** A layer as ONNX' own operator (LSTM, GRU, RNN of ONNX 14) knows it. */
export interface CellOperator {
  readonly kernel: string;
  readonly recurrent: string;
  /** Empty where the layer has none, as are peepholes. */
  readonly bias: string;
  readonly peepholes: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** The operator's weights and attributes; undefined where it cannot say what the layer does. */
export function cellOperator(b: OnnxBuilder, node: RecurrentNode): CellOperator | undefined {
  const functions = functionsOf(node);
  const hasInputGate = node.op !== 'LSTM' || node.layer.gates.some(({ name }) => name === 'i');
  const { projection } = node.layer;
  if (!functions || !hasInputGate || projection || node.cellClip !== undefined || isNormalized(node.layer))
    return undefined;
  return { ...weightsOf(b, node), attributes: attributesOf(node, functions) };
}

function functionsOf(node: RecurrentNode): CellFunction[] | undefined {
  const { activation, gateActivation, outputActivation = activation } = node;
  const wanted: Record<RecurrentNode['op'], CellActivation[]> = {
    LSTM: [gateActivation, activation, outputActivation],
    GRU: [gateActivation, activation],
    RNN: [activation],
  };
  const found = wanted[node.op].map(cellFunction);
  return found.every((one) => one !== undefined) ? (found as CellFunction[]) : undefined;
}

function weightsOf(b: OnnxBuilder, { layer }: RecurrentNode): Omit<CellOperator, 'attributes'> {
  const { hiddenSize, inputSize } = layer;
  const gates = orderedGates(layer);
  const rows = gates.length * hiddenSize;
  const matrix = (what: string, columns: number, of: (i: number) => Parameters<typeof stacked>[0][number]) =>
    b.weights(what, [1, rows, columns], () =>
      stacked(
        gates.map((_, i) => of(i)),
        hiddenSize * columns,
      ),
    );
  const both = [0, 1].flatMap((v) => gates.map((gate) => gate?.biases[v]));
  const holes = ['i', 'o', 'f'].map((name) => layer.gates.find((gate) => gate.name === name)?.peephole);
  const vectors = (what: string, views: typeof both) =>
    views.some((view) => view)
      ? b.weights(what, [1, views.length * hiddenSize], () => stacked(views, hiddenSize))
      : '';
  return {
    kernel: matrix('W', inputSize, (i) => gates[i]?.kernel),
    recurrent: matrix('R', outputSize(layer), (i) => gates[i]?.recurrent),
    bias: vectors('B', both),
    peepholes: vectors('P', holes),
  };
}

function attributesOf(
  { layer, op, clip, inputForget, linearBeforeReset }: RecurrentNode,
  functions: readonly CellFunction[],
): Record<string, Attribute> {
  const alphas = functions.flatMap(({ alpha }) => (alpha === undefined ? [] : [alpha]));
  const betas = functions.flatMap(({ beta }) => (beta === undefined ? [] : [beta]));
  return {
    hidden_size: { int: layer.hiddenSize },
    activations: { texts: functions.map(({ name }) => name) },
    ...(alphas.length > 0 && { activation_alpha: { floats: alphas } }),
    ...(betas.length > 0 && { activation_beta: { floats: betas } }),
    ...(clip !== undefined && { clip: { float: clip } }),
    ...(inputForget && { input_forget: { int: 1 } }),
    ...(op === 'GRU' && { linear_before_reset: { int: linearBeforeReset ? 1 : 0 } }),
  };
}
