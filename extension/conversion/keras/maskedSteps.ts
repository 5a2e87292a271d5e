import { type Graph, type GraphNode, isRecurrent, type ValueName } from '../../model/graph.ts';
import { masksOf } from '../../model/reads.ts';
import { stepMasks } from '../../ops/stepMasks.ts';

/** Whether an output of the graph depends on what a value [B,T,…] is at the steps that a mask marks as not real. */
export function areMaskedStepsRead(graph: Graph, value: ValueName, mask: ValueName): boolean {
  const along = stepMasks(graph);
  const carrying = new Set([value]);
  for (const node of graph.nodes) {
    const read = node.inputs.flatMap((name, i) => (carrying.has(name) ? [i] : []));
    const leftOut = masksOf(node).flatMap((one) => (one.mask === mask ? [one.input] : []));
    if (read.every((input) => leftOut.includes(input))) continue;
    // What keeps the steps apart leaves them where they are; anything else mixes them in.
    if (mixesSteps(node) || along.get(node.outputs[0]) !== mask) return true;
    carrying.add(node.outputs[0]);
  }
  return graph.outputs.some(({ name }) => carrying.has(name));
}

/** Of nodes whose outputs have the steps of their inputs. */
function mixesSteps(node: GraphNode): boolean {
  switch (node.op) {
    case 'Softmax':
    case 'LogSoftmax':
    case 'LayerNormalization':
    case 'LpNormalization':
      return node.axis === 1;
    case 'GroupNormalization':
      return true;
    default:
      return isRecurrent(node);
  }
}
