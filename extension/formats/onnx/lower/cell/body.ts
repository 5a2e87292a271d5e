import type { GraphNode, ValueName } from '../../../../model/graph.ts';

/** What the body of a loop computes of one step, as a graph of ours. */
export interface CellBody {
  /** The step of x [B,I]. */
  readonly x: ValueName;
  /** What is carried from step to step, [B,width] each. */
  readonly states: readonly ValueName[];
  producer(name: ValueName): GraphNode | undefined;
  /** Length of the last axis; undefined where it is free. */
  width(name: ValueName): number | undefined;
}

/** The kinds of nodes that an operator may be of. */
type NodeOf<Op extends GraphNode['op'], Node = GraphNode> = Node extends { readonly op: infer Ops }
  ? [Extract<Op, Ops>] extends [never]
    ? never
    : Node
  : never;

/** The node that computes a value, if it is one of these. */
export function made<Op extends GraphNode['op']>(
  body: CellBody,
  name: ValueName | undefined,
  ...ops: readonly Op[]
): NodeOf<Op> | undefined {
  const node = name === undefined ? undefined : body.producer(name);
  return node && (ops as readonly string[]).includes(node.op) ? (node as NodeOf<Op>) : undefined;
}

/** factor · x + shift of a value, through all nodes that only scale and shift; of others 1 · itself. */
export function affineOf(
  body: CellBody,
  name: ValueName,
): { readonly of: ValueName; readonly factor: number; readonly shift: number } {
  let [of, factor, shift] = [name, 1, 0];
  for (;;) {
    const node = made(body, of, 'Scale', 'Activation');
    if (node?.op === 'Scale') factor *= node.factor;
    else if (node?.activation.op === 'Affine') {
      const { alpha = 1, beta = 0 } = node.activation;
      shift += factor * beta;
      factor *= alpha;
    } else return { of, factor, shift };
    [of] = node.inputs;
  }
}

/** What a value is 1 less of; undefined where it is nothing such. */
export function restOf(body: CellBody, name: ValueName): ValueName | undefined {
  const { of, factor, shift } = affineOf(body, name);
  return factor === -1 && shift === 1 ? of : undefined;
}

/** The value that is clipped to ±limit, and that limit; the value itself where it is not clipped. */
export function clippedOf(
  body: CellBody,
  name: ValueName,
): { readonly of: ValueName; readonly limit?: number } {
  const node = made(body, name, 'Activation');
  if (node?.activation.op !== 'Clip') return { of: name };
  const { alpha, beta } = node.activation;
  return beta !== undefined && alpha === -beta ? { of: node.inputs[0], limit: beta } : { of: name };
}
