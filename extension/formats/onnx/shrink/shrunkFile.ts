import type { RecurrentLayer } from '../../../model/recurrentLayer.ts';
import type { KeptIndices, Shrinking } from '../../../model/shrinking.ts';
import { UserError } from '../../../protocol/userError.ts';
import type { LoweredOnnx } from '../contents.ts';
import type { Scope } from '../fold/scope.ts';
import type { OnnxParameter } from '../parameters.ts';
import type { OnnxModel, OnnxNode, OnnxTensor } from '../proto.ts';
import type { Source } from '../read/source.ts';
import { bodies, nameOf } from '../recurrent/found.ts';
import type { FileEdit } from '../save/editedValues.ts';
import { GraphEditor } from '../save/graphEditor.ts';
import { byTensor } from '../save/save.ts';
import { removeUnread } from '../save/unread.ts';
import { type CutTensor, cutTensors } from './cutTensors.ts';
import { restateLengths } from './lengths.ts';
import { moveBounds } from './movers.ts';
import { restateInitializers, restateShapes } from './valueInfos.ts';

/** What of a model decides how it is written without some of its units. */
export interface ShrinkableOnnx {
  readonly source: Source;
  readonly model: OnnxModel;
  readonly main: Scope;
  readonly parameters: readonly OnnxParameter[];
  readonly recurrent: ReadonlyMap<OnnxNode, readonly RecurrentLayer[]>;
  readonly lowered: LoweredOnnx;
}

/**
 * The edits that leave units out: cut tensors, the hidden sizes of the nodes, and every number and shape in the file that follows from
 * them. Throws `UserError` shrinkUnsupported where a node moves weights about in a way that has no bounds for what stays.
 */
export async function shrunkFile(
  { source, model, main, parameters, recurrent, lowered }: ShrinkableOnnx,
  shrinking: Shrinking,
): Promise<{ edits: FileEdit[]; cut: ReadonlySet<OnnxTensor> }> {
  const { graph } = model;
  const editor = new GraphEditor(source, graph);
  const cuts = cutsOf(parameters, shrinking, (tensor) => refused(source, tensor.name));
  const kept = new Map(cuts.map((cut) => [cut.tensor, wholeKept(cut)]));
  await moveBounds(
    graph,
    main,
    (tensor) => kept.get(tensor),
    editor,
    (node) => refused(source, nameOf(node)),
  );
  await restateSizes(recurrent, shrinking, editor);
  for (const { node, input } of lowered.zeroStates)
    if (isShrunk(recurrent.get(node), shrinking)) editor.setInput(node, input, '');
  await restateLengths(graph, lowered.lengths, shrinking, editor);
  await restateShapes(source, graph, lowered.values, shrinking, editor);
  await restateInitializers(source, graph, cuts, editor);
  removeUnread(graph, editor);
  const others = await cutTensors(source, cuts, allTensors(model), editor);
  const own = await editor.replacements();
  return {
    edits: [...others, ...own.map((replacement) => ({ location: undefined, replacement }))],
    cut: new Set(cuts.map(({ tensor }) => tensor)),
  };
}

function cutsOf(
  parameters: readonly OnnxParameter[],
  shrinking: Shrinking,
  refuse: (tensor: OnnxTensor) => Error,
): CutTensor[] {
  const cuts: CutTensor[] = [];
  for (const [tensor, own] of byTensor(parameters)) {
    const kept = own.map(({ name, shape }) => shrinking.parameters.get(name) ?? shape.map(() => null));
    if (kept.every((one) => one.every((indices) => indices === null))) continue;
    const [first, ...others] = kept.map((one) => one.map((indices) => indices?.length).join());
    if (
      own.some(({ quantization }) => quantization?.axis !== undefined) ||
      others.some((shape) => shape !== first)
    )
      throw refuse(tensor);
    cuts.push({ tensor, parameters: own, kept });
  }
  return cuts;
}

/** What stays along the axes of the tensor itself. */
function wholeKept({ kept: [first, second] }: CutTensor): KeptIndices | 'uneven' {
  if (!second) return first;
  return JSON.stringify(first) === JSON.stringify(second) ? [null, ...first] : 'uneven';
}

function isShrunk(layers: readonly RecurrentLayer[] | undefined, shrinking: Shrinking): boolean {
  return layers?.some(({ name }) => shrinking.layers.some((one) => one.name === name)) ?? false;
}

async function restateSizes(
  recurrent: ReadonlyMap<OnnxNode, readonly RecurrentLayer[]>,
  { layers }: Shrinking,
  editor: GraphEditor,
): Promise<void> {
  for (const [node, own] of recurrent) {
    const size = layers.find(({ name }) => own.some((layer) => layer.name === name));
    const attribute = node.attributes.get('hidden_size');
    if (size && attribute) await editor.setIntegers(attribute, [size.after]);
  }
}

/** Every tensor of a model, those in bodies, functions and attributes among them. */
function allTensors({ graph, functions }: OnnxModel): OnnxTensor[] {
  const ofNodes = (nodes: readonly OnnxNode[]): OnnxTensor[] =>
    nodes.flatMap((node) => [
      ...[...node.attributes.values()].flatMap(({ tensor, tensors = [] }) => [
        ...(tensor ? [tensor] : []),
        ...tensors,
      ]),
      ...bodies(node).flatMap((body) => [...body.initializers.values(), ...ofNodes(body.nodes)]),
    ]);
  return [
    ...graph.initializers.values(),
    ...ofNodes(graph.nodes),
    ...functions.flatMap(({ nodes }) => ofNodes(nodes)),
  ];
}

export function refused({ shownAs }: Pick<Source, 'shownAs'>, name: string): UserError {
  return new UserError(
    'shrinkUnsupported',
    { file: shownAs },
    { code: 'reasonWeightsMoved', args: { name } },
  );
}
