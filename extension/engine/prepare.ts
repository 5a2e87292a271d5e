import { setImmediate } from 'node:timers/promises';
import type { Graph, GraphNode } from '../model/graph.ts';
import { type Parameter, readMasked } from '../model/parameter.ts';
import type { Engine, Operator, Variable, WeightUse } from './engine.ts';
import { genericOperator } from './operators.ts';
import { gatherMask, gatherWeight, keyOf, parametersOf, type Weight } from './weight.ts';

/** A node, and its weights in an engine. */
export interface PreparedNode {
  readonly node: GraphNode;
  readonly operator: Operator;
  readonly variables: readonly Variable[];
}

export interface PreparedGraph {
  readonly nodes: readonly PreparedNode[];
  /** Every variable once, however many nodes use it. */
  readonly variables: readonly Variable[];
}

/** Reads a graph's weights, masks applied, into an engine. Frees them again where that fails. */
export async function prepare(
  graph: Graph,
  engine: Engine,
  purpose: WeightUse['purpose'],
): Promise<PreparedGraph> {
  const variables = new Map<string, Variable>();
  const ids = new Map<Parameter, number>();
  const idOf = (parameter: Parameter) => {
    const id = ids.get(parameter) ?? ids.size;
    ids.set(parameter, id);
    return id;
  };
  const operators = graph.nodes.map((node) => engine.operator(node) ?? genericOperator(node));
  // Nodes that share a weight must all be able to take it sparse.
  const whole = new Set<string>();
  for (const { weights, sparse } of operators) {
    for (const [i, weight] of weights.entries()) if (!sparse?.[i]) whole.add(keyOf(weight, idOf));
  }
  const variableOf = async (weight: Weight) => {
    const key = keyOf(weight, idOf);
    const known = variables.get(key);
    if (known) return known;
    const sparse = !whole.has(key);
    // Large weights take a while to lay out; others may be answered in between.
    await setImmediate();
    const variable = engine.variable(weight, await read(weight), gatherMask(weight), { purpose, sparse });
    variables.set(key, variable);
    return variable;
  };
  try {
    const nodes: PreparedNode[] = [];
    for (const [n, operator] of operators.entries()) {
      const own: Variable[] = [];
      for (const weight of operator.weights) own.push(await variableOf(weight));
      nodes.push({ node: graph.nodes[n], operator, variables: own });
    }
    return { nodes, variables: [...variables.values()] };
  } catch (error) {
    for (const variable of variables.values()) variable.dispose();
    throw error;
  }
}

async function read(weight: Weight): Promise<Float32Array> {
  const values = new Map<Parameter, Float32Array>();
  for (const parameter of parametersOf(weight)) values.set(parameter, await readMasked(parameter));
  return gatherWeight(weight, (parameter) => values.get(parameter) as Float32Array);
}
