import { basename } from 'node:path';
import type { Model } from '../../model/model.ts';
import type { Parameter } from '../../model/parameter.ts';
import type { Gate } from '../../model/recurrentLayer.ts';
import type { Redirection } from '../../model/removal.ts';
import type { Shrinking } from '../../model/shrinking.ts';
import type { Message } from '../../protocol/messages.ts';
import { UserError } from '../../protocol/userError.ts';
import { FileBytes } from '../bytes/fileBytes.ts';
import { checkTrained } from '../checkTrained.ts';
import { mainFileOf } from '../mainFileOf.ts';
import { WireReader } from '../protobuf/reader.ts';
import { type ComputedTensor, computedEdits } from './computedWeights.ts';
import type { LoweredOnnx, OnnxContents } from './contents.ts';
import { ExternalFiles } from './externalFiles.ts';
import { Scope } from './fold/scope.ts';
import { inlined } from './inline.ts';
import { lowerOnnx } from './lower/lower.ts';
import { formatName, probeFound } from './probe.ts';
import type { OnnxModel, OnnxNode } from './proto.ts';
import { readModel } from './read/model.ts';
import type { Source } from './read/source.ts';
import { foundNodes, nameOf } from './recurrent/found.ts';
import { redirectReaders } from './removal/redirectReaders.ts';
import { isRestAsMeant } from './removal/sameRest.ts';
import type { FileEdit } from './save/editedValues.ts';
import { GraphEditor } from './save/graphEditor.ts';
import { changedValues, writeModel } from './save/save.ts';
import { isShrunkAsMeant } from './shrink/checkShrunk.ts';
import { refused, shrunkFile } from './shrink/shrunkFile.ts';
import { constantView, type OnnxWeights, weightsOf } from './weights.ts';

/** Opens the files of a model; the caller closes them by `close`. */
export async function openSource(path: string): Promise<Source & { close(): Promise<void> }> {
  const file = await FileBytes.open(path);
  const external = new ExternalFiles(path);
  const close = async () => {
    await external.close();
    await file.close();
  };
  return { reader: new WireReader(file, path), external, shownAs: path, close };
}

/**
 * Reads a model's structure, and gives it with its weights where they are. Throws `UserError`: fileDamaged, noRecurrentLayers,
 * weightsComputed, …
 */
export async function onnxModel(source: Source, close: () => Promise<void>): Promise<Model> {
  const { reader, external, shownAs: path } = source;
  const { model, calls } = inlined(await readModel(source), () => reader.damaged());
  const { main, found } = foundNodes(model);
  const weights = await weightsOf(source, model, found);
  const { pairs, left, computed } = weights;
  const lowered = await loweredOf(contentsOf(model, main, weights));
  const layers = [...weights.layers, ...('spelled' in lowered ? lowered.spelled : [])];
  if (layers.length === 0 && left.length > 0) throw left[0];
  probeFound(
    model,
    layers.map(({ name }) => name),
    path,
  );
  const bodies = [...calls, ...('bodies' in lowered ? lowered.bodies : [])];
  const constants = 'constants' in lowered ? lowered.constants : undefined;
  const inLayers = new Set<Parameter>(layers.flatMap(({ gates }) => gates.flatMap(parametersOfGate)));
  const parameters = weights.parameters.filter((one) => inLayers.has(one) || !constants?.has(one));
  const others = external.opened().map(({ file }) => file);
  const made: Model = {
    path,
    format: formatName(model),
    bytes: [reader.file, ...others].reduce((sum, { size }) => sum + size, 0),
    ...(others.length > 0 && { files: [path, ...others.map((file) => file.path)], folder: basename(path) }),
    parameters,
    layers,
    equalSizes: pairs,
    ...('graph' in lowered
      ? { graph: lowered.graph, trainingNotes: lowered.trainingNotes }
      : { notEvaluable: lowered.notEvaluable }),
    ...(left.length > 0 && { fileNotes: left.map(leftNote) }),
    hasOptimizerState: false,
    save: async (target, options) => {
      checkPurpose(options.compress ? 'compress' : 'shrink', path);
      const { shrink, without = [], step } = options;
      if (shrink) checkShrinkable(bodies, computed, path);
      if (without.length > 0) checkShrinkable(calls, computed, path);
      const rest = await leftOut(source, model, lowered, without);
      const lost =
        shrink && 'graph' in lowered ? { ...weights, source, model, main, lowered, shrink } : undefined;
      for (const parameter of parameters) await checkTrained(parameter, path);
      const shrunk = lost && (await shrunkFile(lost, lost.shrink));
      const others = parameters.filter(({ tensor }) => !shrunk?.cut.has(tensor));
      const edits = [
        ...(shrunk?.edits ?? []),
        ...rest,
        ...(await changedValues(source, others, step)),
        ...(await computedEdits(source, model.graph, parameters)),
      ];
      await writeModel(source, target, edits, step);
      if (lost) await checkWritten(mainFileOf(made, target), made, lost.shrink);
      if (without.length > 0) await checkRest(mainFileOf(made, target), made, without);
    },
    checkRebuild: async (purpose, without = []) => {
      checkPurpose(purpose, path);
      if (purpose === 'shrink') checkShrinkable(without.length > 0 ? calls : bodies, computed, path);
      await leftOut(source, model, lowered, without);
    },
    close,
  };
  return made;
}

/** Of a layer that is left out beside others: there is something to prune, which the error by itself denies. */
function leftNote({ info: { code, args } }: UserError): Message {
  return { code: code === 'weightsGiven' ? 'noteWeightsGiven' : 'noteWeightsComputed', args };
}

/** A graph, the main one or a body, as the lowering sees it. */
function contentsOf(model: OnnxModel, scope: Scope, weights: OnnxWeights): OnnxContents {
  return {
    model,
    parameters: weights.byTensor,
    recurrent: weights.recurrent,
    constant: (name) => constantView(scope, weights, name),
    inside: (body) => contentsOf({ ...model, graph: body }, Scope.graph(body, scope), weights),
  };
}

/** Throws `UserError` where ONNX, or what is written of it here, has no such thing. */
function checkPurpose(purpose: 'compress' | 'shrink', file: string): void {
  if (purpose === 'compress')
    throw new UserError('compressUnsupported', { file }, { code: 'reasonNoCompression', args: {} });
}

/** What leaves layers out of the file. Throws `UserError` shrinkUnsupported where the nodes that remain could not read anything else. */
async function leftOut(
  source: Source,
  { graph }: OnnxModel,
  lowered: Awaited<ReturnType<typeof loweredOf>>,
  without: readonly Redirection[],
): Promise<FileEdit[]> {
  if (without.length === 0) return [];
  const editor = new GraphEditor(source, graph);
  if (!('values' in lowered) || !redirectReaders(graph, lowered.values, without, editor))
    throw tangled(source.shownAs);
  const replacements = await editor.replacements();
  return replacements.map((replacement) => ({ location: undefined, replacement }));
}

function tangled(file: string): UserError {
  return new UserError('shrinkUnsupported', { file }, { code: 'reasonNodesTangled', args: {} });
}

/** Opens a file that has lost layers, and refuses it where it is not the rest of the graph. */
async function checkRest(path: string, original: Model, without: readonly Redirection[]): Promise<void> {
  const { close, ...source } = await openSource(path);
  try {
    if (!isRestAsMeant(original, await onnxModel(source, close), without)) throw tangled(original.path);
  } finally {
    await close();
  }
}

/** Throws `UserError` where something is the body of a node, in which nothing is restated, or weights are computed of others. */
function checkShrinkable(
  [node]: readonly OnnxNode[],
  [weights]: readonly ComputedTensor[],
  file: string,
): void {
  if (weights) {
    const { node } = weights.values;
    const args = { weights: nameOf(node), operator: node.opType };
    throw new UserError('shrinkUnsupported', { file }, { code: 'reasonWeightsComputed', args });
  }
  if (!node) return;
  const args = { node: nameOf(node), operator: node.opType };
  throw new UserError('shrinkUnsupported', { file }, { code: 'reasonInBody', args });
}

/** Opens a file that has lost units, and refuses it where a number in it was missed. */
async function checkWritten(path: string, original: Model, shrinking: Shrinking): Promise<void> {
  const { close, ...source } = await openSource(path);
  try {
    const written = await onnxModel(source, close);
    if (!isShrunkAsMeant(original, written, shrinking))
      throw refused({ shownAs: original.path }, basename(original.path));
  } finally {
    await close();
  }
}

function parametersOfGate({ kernel, recurrent, biases, peephole }: Gate): Parameter[] {
  const views = [kernel, recurrent, ...biases, ...(peephole ? [peephole] : [])];
  return views.map(({ parameter }) => parameter);
}

/** The model's graph, or why there is none. */
async function loweredOf(contents: OnnxContents): Promise<LoweredOnnx | { readonly notEvaluable: Message }> {
  try {
    return await lowerOnnx(contents);
  } catch (error) {
    if (error instanceof UserError) return { notEvaluable: error.info };
    // Axes and counts that are none, as a damaged file has them, where a whole one never has.
    const unfit: Message = { code: 'reasonContent', args: {} };
    return { notEvaluable: { code: 'graphUnsupported', args: {}, cause: unfit } };
  }
}
