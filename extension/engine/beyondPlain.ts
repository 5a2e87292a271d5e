import type { RecurrentNode } from '../model/graph.ts';
import { auxiliarySize, gatesOf, isNormalized } from '../model/recurrentLayer.ts';
import type { Message } from '../protocol/messages.ts';

/** What a recurrent layer has beside the plain cell, for which kernels of whole layers are made; undefined: nothing. */
export function beyondPlain(node: RecurrentNode): Message | undefined {
  const { layer, activation, outputActivation = activation } = node;
  if (layer.projection) return { code: 'optionProjection', args: {} };
  if (layer.gates.some(({ peephole }) => peephole)) return { code: 'optionPeepholes', args: {} };
  if (auxiliarySize(layer) > 0) return { code: 'optionAuxiliary', args: {} };
  if (layer.diagonal) return { code: 'optionDiagonal', args: {} };
  if (isNormalized(layer)) return { code: 'optionNormalizedGates', args: {} };
  if (node.clip !== undefined || node.cellClip !== undefined) return { code: 'optionClip', args: {} };
  if (node.inputForget || layer.gates.length < gatesOf[layer.cell].length)
    return { code: 'optionCoupledGates', args: {} };
  const same = JSON.stringify(outputActivation) === JSON.stringify(activation);
  return same ? undefined : { code: 'optionOutputActivation', args: { name: outputActivation.op } };
}
