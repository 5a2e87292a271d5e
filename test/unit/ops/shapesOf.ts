import type { GraphNode } from '../../../extension/model/graph.ts';
import { inferShapes } from '../../../extension/ops/infer.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

export type Shape = readonly (number | null)[];
/** A node without its names. */
export type Bare = GraphNode extends infer Node
  ? Node extends GraphNode
    ? Omit<Node, 'inputs' | 'outputs' | 'origin'>
    : never
  : never;

/**
 * Shapes of a node's outputs for inputs x0, x1, … of these shapes.
 * @param mask shape of a further value `mask` that the node may read
 */
export function shapesOf(bare: Bare, inputs: readonly Shape[], outputs = 1, mask: Shape = []): Shape[] {
  const names = inputs.map((_, i) => `x${i}`);
  const outputNames = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const node = { ...bare, inputs: names, outputs: outputNames, origin: 'the layer' } as GraphNode;
  const shapes = inferShapes({
    inputs: [...inputs, mask].map((shape, i) => ({ name: names[i] ?? 'mask', shape, dtype: 'float32' })),
    nodes: [node],
    outputs: [{ name: 'y0' }],
  });
  return outputNames.map((name) => shapes.get(name) as Shape);
}

/** Asserts that a node is refused for inputs of these shapes, with these words. */
export function refuses(bare: Bare, inputs: readonly Shape[], ...parts: string[]): Promise<void> {
  return assertRefuses(() => shapesOf(bare, inputs), 'graphUnsupported', 'the layer', ...parts);
}
