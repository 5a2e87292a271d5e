import type { RecurrentNode } from '../model/graph.ts';
import { checkRank, checkWidth, type ShapeRule } from './shape.ts';

/** x [B,T,I] to all hidden states [B,T,H] and the last one [B,H]. */
export const recurrentShape: ShapeRule<RecurrentNode> = (node, [x]) => {
  checkRank(node, x, [3]);
  checkWidth(node, x, node.layer.inputSize);
  const [batch, steps] = x;
  const { hiddenSize } = node.layer;
  return [
    [batch, steps, hiddenSize],
    [batch, hiddenSize],
  ];
};
