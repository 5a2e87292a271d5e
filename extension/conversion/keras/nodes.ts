import type { GraphNode, RecurrentNode, ValueName } from '../../model/graph.ts';

/** The masks that a node is computed with. */
export function masksOf(node: GraphNode): ValueName[] {
  const several = 'masks' in node ? (node.masks ?? []) : [];
  return [...several, 'mask' in node ? node.mask : undefined].filter((mask) => mask !== undefined);
}

/** Whether a node takes the last step of what a recurrent one puts out. */
export function isLastStep(reader: GraphNode, made: RecurrentNode): boolean {
  return (
    reader.op === 'Select' &&
    reader.axis === 1 &&
    reader.index === -1 &&
    !made.reverse &&
    made.mask === undefined
  );
}

/** Of a layer's last output, where no value of the graph has it. */
export function lastKey({ outputs }: RecurrentNode): string {
  return `${outputs[0]} last`;
}
