import type { RecurrentNode } from '../model/graph.ts';
import { checkInputs, checkRank, checkShape, checkWidth, type ShapeRule } from './shape.ts';

/**
 * x [B,T,I] and initial states [B,H] to all outputs [B,T,H], the last output [B,H] and the final states [B,H]: of an LSTM h
 * and c, of the others h.
 */
export const recurrentShape: ShapeRule<RecurrentNode> = (node, inputs) => {
  const [x, ...initial] = inputs;
  const { inputSize, hiddenSize } = node.layer;
  const states = node.op === 'LSTM' ? 2 : 1;
  checkInputs(node, inputs, 1, 1 + states);
  checkRank(node, x, [3]);
  checkWidth(node, x, inputSize);
  const [batch, steps] = x;
  const state = [batch, hiddenSize];
  for (const shape of initial) checkShape(node, shape, state);
  return [[batch, steps, hiddenSize], state, ...Array.from({ length: states }, () => state)];
};
