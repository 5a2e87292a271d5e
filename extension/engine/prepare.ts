import { setImmediate } from 'node:timers/promises';
import type { Graph, GraphNode } from '../model/graph.ts';
import type { Parameter } from '../model/parameter.ts';
import type { Engine, Operator, WeightUse } from './engine.ts';
import { halfOperator } from './half/operator.ts';
import { integerOperator } from './integer/operator.ts';
import { genericOperator } from './operators.ts';
import { Slot } from './slot.ts';
import { gatherMask, keyOf, readWeight, type Weight } from './weight.ts';

/** A node, and its weights in an engine. */
export interface PreparedNode {
  readonly node: GraphNode;
  readonly operator: Operator;
  readonly slots: readonly Slot[];
}

export interface PreparedGraph {
  readonly nodes: readonly PreparedNode[];
  /** Every weight once, however many nodes use it. */
  readonly slots: readonly Slot[];
}

/** Reads a graph's weights, masks applied, into an engine. Frees them again where that fails. */
export async function prepare(
  graph: Graph,
  engine: Engine,
  purpose: WeightUse['purpose'],
): Promise<PreparedGraph> {
  const slots = new Map<string, Slot>();
  const ids = new Map<Parameter, number>();
  const idOf = (parameter: Parameter) => {
    const id = ids.get(parameter) ?? ids.size;
    ids.set(parameter, id);
    return id;
  };
  const operators = graph.nodes.map((node) => operatorOf(node, engine));
  // Nodes that share a weight must all be able to take it sparse.
  const whole = new Set<string>();
  for (const { weights, sparse } of operators) {
    for (const [i, weight] of weights.entries()) if (!sparse?.[i]) whole.add(keyOf(weight, idOf));
  }
  const slotOf = async (weight: Weight) => {
    const key = keyOf(weight, idOf);
    const known = slots.get(key);
    if (known) return known;
    const sparse = !whole.has(key);
    // Large weights take a while to lay out; others may be answered in between.
    await setImmediate();
    const slot = new Slot(engine, weight, { purpose, sparse });
    slot.fill(await readWeight(weight), gatherMask(weight));
    slots.set(key, slot);
    return slot;
  };
  try {
    const nodes: PreparedNode[] = [];
    for (const [n, operator] of operators.entries()) {
      const own: Slot[] = [];
      for (const weight of operator.weights) own.push(await slotOf(weight));
      nodes.push({ node: graph.nodes[n], operator, slots: own });
    }
    return { nodes, slots: [...slots.values()] };
  } catch (error) {
    for (const slot of slots.values()) slot.dispose();
    throw error;
  }
}

/** Integers are computed by no engine's own kernels. */
function operatorOf(node: GraphNode, engine: Engine): Operator {
  if (node.integers) return integerOperator(node, node.integers, genericOperator(node));
  const inFloats = engine.operator(node) ?? genericOperator(node);
  return node.half ? halfOperator(node, node.half, inFloats) : inFloats;
}
