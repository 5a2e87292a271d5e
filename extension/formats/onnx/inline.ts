import type { OnnxAttribute, OnnxFunction, OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from './proto.ts';
import { nameOf } from './recurrent/found.ts';
import { uniqueNames } from './weightTensors.ts';

/** Functions that call functions, and nodes and names in all of them as often as they are called: no model has more. */
const deepestCall = 32;
const mostNodes = 2 ** 17;
/** Letters of the names that calls give to what is in functions. */
const mostLetters = 2 ** 26;

/** A model without calls of its own functions, and the calls that it had. */
export interface InlinedModel {
  readonly model: OnnxModel;
  readonly calls: readonly OnnxNode[];
}

/** What becomes of a node where its function is called. */
interface Renaming {
  value(name: string): string;
  node(node: OnnxNode): string;
  /** Of the call, for attributes that refer to them. */
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

const unchanged: Renaming = { value: (name) => name, node: ({ name }) => name, attributes: new Map() };

/**
 * The nodes of functions take the place of their calls: what they read and put out has the names that it has there, and
 * the names of all else begin with the call's. Every call has nodes of its own, whose tensors are those of the file.
 * @param tooMany gives what is thrown where functions call each other without an end
 */
export function inlined(model: OnnxModel, tooMany: () => Error): InlinedModel {
  if (model.functions.length === 0) return { model, calls: [] };
  const functions = new Map(model.functions.map((one) => [keyOf(one.domain, one.name, one.overload), one]));
  const calls: OnnxNode[] = [];
  const unique = uniqueNames();
  let [made, letters] = [0, 0];

  const inlinedNodes = (nodes: readonly OnnxNode[], as: Renaming, depth: number): OnnxNode[] =>
    nodes.flatMap((node) => {
      if (depth > 0 && (++made > mostNodes || depth > deepestCall)) throw tooMany();
      const own = renamed(node, as, (graph) => inlinedGraph(graph, as, depth));
      if (depth > 0)
        letters += [own.name, ...own.inputs, ...own.outputs].reduce((sum, { length }) => sum + length, 0);
      if (letters > mostLetters) throw tooMany();
      const callee = functions.get(keyOf(own.domain, own.opType, own.overload));
      if (!callee) return [own];
      calls.push(own);
      made += callee.inputs.length + callee.outputs.length + callee.defaults.size;
      if (made > mostNodes) throw tooMany();
      return inlinedNodes(callee.nodes, calledAs(callee, own, unique(nameOf(own))), depth + 1);
    });
  const inlinedGraph = (graph: OnnxGraph, as: Renaming, depth: number): OnnxGraph => {
    if (depth > 0) made += graph.initializers.size + graph.valueInfo.size;
    const values = (all: readonly OnnxValue[]) => all.map((one) => ({ ...one, name: as.value(one.name) }));
    return {
      ...graph,
      nodes: inlinedNodes(graph.nodes, as, depth),
      initializers: new Map([...graph.initializers].map(([name, tensor]) => [as.value(name), tensor])),
      inputs: values(graph.inputs),
      outputs: values(graph.outputs),
      valueInfo: new Map(values([...graph.valueInfo.values()]).map((one) => [one.name, one])),
    };
  };

  const graph = inlinedGraph(model.graph, unchanged, 0);
  const opsets = new Map([...model.functions.flatMap((one) => [...one.opsets]), ...model.opsets]);
  return { model: { ...model, graph, opsets }, calls };
}

function keyOf(domain: string, name: string, overload: string): string {
  return JSON.stringify([domain, name, overload]);
}

function calledAs({ inputs, outputs, defaults }: OnnxFunction, call: OnnxNode, path: string): Renaming {
  // An optional input or output may be left out.
  const given = new Map([
    ...outputs.flatMap((name, i) => (call.outputs[i] ? [[name, call.outputs[i]] as const] : [])),
    ...inputs.map((name, i) => [name, call.inputs[i] ?? ''] as const),
    ['', ''],
  ]);
  return {
    value: (name) => given.get(name) ?? `${path}: ${name}`,
    node: (node) => `${path}/${nameOf(node)}`,
    attributes: new Map([...defaults, ...call.attributes]),
  };
}

function renamed(node: OnnxNode, as: Renaming, body: (graph: OnnxGraph) => OnnxGraph): OnnxNode {
  const attributes = new Map<string, OnnxAttribute>();
  for (const [name, stated] of node.attributes) {
    const own = stated.refersTo ? as.attributes.get(stated.refersTo) : stated;
    if (!own) continue;
    // Those that come with the call have its names already.
    const { graph, graphs } = stated;
    attributes.set(name, {
      ...own,
      ...(graph && { graph: body(graph) }),
      ...(graphs && { graphs: graphs.map(body) }),
    });
  }
  const { inputs, outputs } = node;
  return {
    ...node,
    name: as.node(node),
    inputs: inputs.map(as.value),
    outputs: outputs.map(as.value),
    attributes,
  };
}
