import type { CellActivation, RecurrentNode } from '../../model/graph.ts';
import { outputSize } from '../../model/recurrentLayer.ts';
import { type CellFunction, cellFunction } from './activation.ts';
import type { OnnxBuilder } from './builder.ts';
import { orderedGates, stacked } from './cellWeights.ts';
import type { Attribute } from './messages.ts';
import type { NodeOf } from './nodes.ts';
import { scanCell } from './scanCell.ts';
import type { Values } from './values.ts';

/**
 * A recurrent layer: ONNX' own operator (LSTM, GRU, RNN of ONNX 14) where that can say it, else a Scan over the steps, with the cell spelled
 * out: where steps are masked by anything but lengths, and for activations that the operators do not know.
 */
export function recurrent(b: OnnxBuilder, node: RecurrentNode, values: Values): void {
  const functions = functionsOf(node);
  const lengths = lengthsOf(node, values);
  const sayable =
    functions &&
    (node.mask === undefined || lengths !== undefined) &&
    (node.op !== 'LSTM' || node.layer.gates.some(({ name }) => name === 'i')) &&
    !node.layer.projection &&
    node.cellClip === undefined;
  if (sayable) operator(b, node, values, functions, lengths);
  else scanCell(b, node, values);
}

/** Lengths [B] where the mask comes from them and masked steps put out 0, as with ONNX' sequence_lens. */
function lengthsOf({ mask, zeroMaskedOutput }: RecurrentNode, values: Values): string | undefined {
  const made = mask === undefined ? undefined : values.producerOf(mask);
  return made?.op === 'LengthMask' && zeroMaskedOutput
    ? values.of((made as NodeOf<'LengthMask'>).inputs[0])
    : undefined;
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

function operator(
  b: OnnxBuilder,
  node: RecurrentNode,
  values: Values,
  functions: readonly CellFunction[],
  lengths: string | undefined,
): void {
  const { layer, op } = node;
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
  const kernel = matrix('W', inputSize, (i) => gates[i]?.kernel);
  const recurrentKernel = matrix('R', outputSize(layer), (i) => gates[i]?.recurrent);
  const both = [0, 1].flatMap((v) => gates.map((gate) => gate?.biases[v]));
  const bias = both.some((view) => view)
    ? b.weights('B', [1, 2 * rows], () => stacked(both, hiddenSize))
    : '';
  const holes = ['i', 'o', 'f'].map((name) => layer.gates.find((gate) => gate.name === name)?.peephole);
  const peepholes = holes.some((view) => view)
    ? b.weights('P', [1, 3 * hiddenSize], () => stacked(holes, hiddenSize))
    : '';
  const [x, h, c] = node.inputs;
  const direction = (state: string | undefined) =>
    state === undefined ? '' : b.add('Unsqueeze', [values.of(state), b.ints([0])]);
  const inputs = [
    values.timeMajor(x),
    kernel,
    recurrentKernel,
    bias,
    lengths === undefined ? '' : b.add('Cast', [lengths], { to: { int: 6 } }),
    direction(h),
    ...(op === 'LSTM' ? [direction(c), peepholes] : []),
  ];
  while (inputs.at(-1) === '') inputs.pop();
  const outputs = b.addMany(op, inputs, op === 'LSTM' ? 3 : 2, attributesOf(node, functions));
  const [sequence, last, ...finals] = node.outputs;
  const [Y, ...states] = outputs;
  if (sequence !== undefined) values.setTimeMajor(sequence, b.add('Squeeze', [Y, b.ints([1])]));
  if (last !== undefined && values.isRead(last)) {
    // With lengths, the last output is that of the last step, masked or not.
    const ofStep = () => b.add('Gather', [b.add('Squeeze', [Y, b.ints([1])]), b.ints(node.reverse ? 0 : -1)]);
    values.set(last, lengths === undefined ? b.add('Squeeze', [states[0], b.ints([0])]) : ofStep());
  }
  for (const [i, final] of finals.entries())
    if (values.isRead(final)) values.set(final, b.add('Squeeze', [states[i], b.ints([0])]));
}

function attributesOf(
  { layer, op, clip, inputForget, linearBeforeReset, reverse }: RecurrentNode,
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
    ...(reverse && { direction: { text: 'reverse' } }),
  };
}
