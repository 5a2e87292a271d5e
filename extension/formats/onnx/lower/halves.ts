import type { GraphNode, GraphOutput, ValueName } from '../../../model/graph.ts';
import { withRoundedHead } from '../../../model/roundedHead.ts';
import { intOf } from '../attributes.ts';
import { dataTypes, type OnnxGraph, type OnnxNode } from '../proto.ts';
import type { Lowering } from './lowering.ts';

/*
 * Models of float16: ONNX Runtime 1.30 has few operators for them on a processor. The others it computes in float32 and casts what goes in
 * and out, and takes casts away that follow each other. Rounded is what is left: inputs, outputs, and what goes through operators that only
 * move values or normalize them, unless one stands alone between casts, which then takes values of float32 as well (its
 * insert_cast_transformer).
 */

/** Operators that it has for float16 and that only move or choose values. */
const moving = new Set([
  'Transpose',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'Gather',
  'GatherElements',
  'GatherND',
  'Slice',
  'Concat',
  'Split',
  'Expand',
  'ReverseSequence',
  'Clip',
  'Max',
  'Min',
]);

/** Those that take and put out float16, and compute in float32. */
const normalizing = new Set(['LayerNormalization', 'SimplifiedLayerNormalization', 'RMSNormalization']);

/** The nodes of a graph, which say where ONNX Runtime rounds to float16. */
export function withHalves(
  lowering: Lowering,
  nodes: readonly GraphNode[],
  outputs: readonly GraphOutput[],
): readonly GraphNode[] {
  const { graph } = lowering.contents.model;
  const isHalf = halfNames(graph);
  if (isHalf.size === 0) return nodes;
  const own = inHalves(graph, isHalf);
  const names = [
    ...own.flatMap((node) => node.outputs),
    ...graph.outputs.flatMap(({ name }) => (isHalf.has(name) ? [name] : [])),
  ];
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const rounded = new Set<ValueName>();
  const flowing = (name: string) => {
    const value = lowering.values.get(name);
    return value?.kind === 'flow' ? value.values : [];
  };
  for (const name of names) for (const one of flowing(name)) addMade(one, producers, rounded);
  const normalized = new Set(
    own.flatMap(({ opType, outputs: [out] }) => (normalizing.has(opType) ? flowing(out) : [])),
  );
  const given = new Set(graph.inputs.flatMap(({ name }) => (isHalf.has(name) ? [name] : [])));
  const said = nodes.map((node): GraphNode => {
    const takesHalves = node.outputs.some((name) => normalized.has(name));
    const inputs = node.inputs.filter((name) => takesHalves || given.has(name));
    const isRounded = node.outputs.some((name) => rounded.has(name));
    if (inputs.length === 0 && !isRounded) return node;
    return { ...node, half: { type: 'float16', only: { inputs, outputs: isRounded } } };
  });
  let count = 0;
  return withRoundedHead(
    said,
    outputs,
    (origin) => `${origin}:logits${count++}`,
    (name) => lowering.emitter.shape(name).length,
  );
}

const layout: readonly GraphNode['op'][] = [
  'Transpose',
  'Reshape',
  'Flatten',
  'Slice',
  'Select',
  'Reverse',
  'Concat',
  'Expand',
];

/** What a value was before it was only moved: rounding and moving can change places. */
function addMade(name: ValueName, producers: ReadonlyMap<ValueName, GraphNode>, into: Set<ValueName>): void {
  const names = new Set([name]);
  for (const one of names) {
    const node = producers.get(one);
    if (node && layout.includes(node.op)) for (const input of node.inputs) names.add(input);
    else into.add(one);
  }
}

/** Nodes that are computed as float16. */
function inHalves(
  { nodes, inputs, outputs, initializers }: OnnxGraph,
  isHalf: ReadonlySet<string>,
): OnnxNode[] {
  const able = nodes.filter(
    ({ opType, outputs: [out] }) => (moving.has(opType) || normalizing.has(opType)) && isHalf.has(out),
  );
  // What a node beside casts neither reads nor puts out.
  const before = new Set([
    ...able.flatMap((node) => node.outputs),
    ...inputs.map(({ name }) => name),
    ...initializers.keys(),
  ]);
  const behind = new Set([...able.flatMap((node) => node.inputs), ...outputs.map(({ name }) => name)]);
  const isAlone = (node: OnnxNode) =>
    !node.inputs.some((name) => isHalf.has(name) && before.has(name)) &&
    !node.outputs.some((name) => behind.has(name));
  return able.filter((node) => !isAlone(node));
}

/** Values of float16, by the types of what is given; most operators put out what they take. */
function halfNames({ nodes, inputs, initializers }: OnnxGraph): ReadonlySet<string> {
  const isHalf = new Set<string>();
  for (const { name, dataType } of [...inputs, ...initializers.values()])
    if (dataType === dataTypes.float16) isHalf.add(name);
  for (const node of nodes) if (putsOutHalf(node, isHalf)) for (const name of node.outputs) isHalf.add(name);
  return isHalf;
}

const ofOtherTypes = [
  'Shape',
  'Size',
  'ArgMax',
  'ArgMin',
  'Equal',
  'Less',
  'LessOrEqual',
  'Greater',
  'GreaterOrEqual',
  'Not',
];

function putsOutHalf(node: OnnxNode, isHalf: ReadonlySet<string>): boolean {
  const { opType, inputs, attributes } = node;
  if (opType === 'Cast') return intOf(node, 'to', 0) === dataTypes.float16;
  if (opType === 'Constant' || opType === 'ConstantOfShape')
    return attributes.get('value')?.tensor?.dataType === dataTypes.float16;
  return !ofOtherTypes.includes(opType) && isHalf.has(inputs[opType === 'Where' ? 1 : 0]);
}
