import type { OnnxGraph, OnnxNode } from '../proto.ts';
import { Lowering } from './lowering.ts';
import { lowerNodes } from './lowerNodes.ts';
import type { Value } from './values.ts';

/**
 * Lowers the body of a node.
 * @param apart the body becomes a graph of its own, else part of the graph around it
 * @param setInputs sets what the body is given
 * @returns what it puts out, and the lowering that made it
 */
export async function lowerBody(
  lowering: Lowering,
  node: OnnxNode,
  body: OnnxGraph,
  apart: boolean,
  setInputs?: (inner: Lowering) => void,
): Promise<{ readonly inner: Lowering; readonly outputs: readonly Value[] }> {
  const inner = new Lowering(lowering.contents.inside(body), lowering.lowerNode, { lowering, apart });
  setInputs?.(inner);
  const names = body.outputs.map(({ name }) => name);
  await lowerNodes(inner, names);
  return { inner, outputs: names.map((name) => inner.output(node, name)) };
}
