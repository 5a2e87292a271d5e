import type { RecurrentNode } from '../../model/graph.ts';
import type { OnnxBuilder } from './builder.ts';
import { type CellOperator, cellOperator } from './cellOperator.ts';
import type { NodeOf } from './nodes.ts';
import { scanCell } from './scanCell.ts';
import type { Values } from './values.ts';

/**
 * A recurrent layer: ONNX' own operator where that can say it, else a Scan over the steps: where steps are masked by anything but lengths,
 * and for what the operators do not know.
 */
export function recurrent(b: OnnxBuilder, node: RecurrentNode, values: Values): void {
  const operator = cellOperator(b, node);
  const lengths = lengthsOf(node, values);
  if (operator && (node.mask === undefined || lengths !== undefined))
    wholeSequence(b, node, values, operator, lengths);
  else scanCell(b, node, values, operator);
}

/** Lengths [B] where the mask comes from them and masked steps put out 0, as with ONNX' sequence_lens. */
function lengthsOf({ mask, zeroMaskedOutput }: RecurrentNode, values: Values): string | undefined {
  const made = mask === undefined ? undefined : values.producerOf(mask);
  return made?.op === 'LengthMask' && zeroMaskedOutput
    ? values.of((made as NodeOf<'LengthMask'>).inputs[0])
    : undefined;
}

function wholeSequence(
  b: OnnxBuilder,
  node: RecurrentNode,
  values: Values,
  { kernel, recurrent: recurrentKernel, bias, peepholes, attributes }: CellOperator,
  lengths: string | undefined,
): void {
  const { op } = node;
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
  const directed = { ...attributes, ...(node.reverse && { direction: { text: 'reverse' } }) };
  const outputs = b.addMany(op, inputs, op === 'LSTM' ? 3 : 2, directed);
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
