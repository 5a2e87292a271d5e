import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeConverted } from '../conversion/convert.ts';
import { openModel, splitSuffix } from '../formats/open.ts';
import {
  checkFolder,
  checkNotOriginal,
  checkOutputFolder,
  checkPlace,
  freeName,
} from '../formats/outputName.ts';
import { writeWhole } from '../formats/writeWhole.ts';
import { withoutCellClips } from '../model/cellClip.ts';
import type { Graph, GraphNode } from '../model/graph.ts';
import type { Model } from '../model/model.ts';
import {
  type ConversionTarget,
  type ConvertReport,
  conversionTargets,
  targetOf,
} from '../protocol/conversion.ts';
import type { Message } from '../protocol/messages.ts';
import type { ConvertRequest } from '../protocol/requests.ts';
import { UserError } from '../protocol/userError.ts';
import { chooseEngine } from '../training/chooseEngine.ts';
import { divergenceFrom, outputsOn } from '../training/compareOutputs.ts';
import { comparisonNotes } from './comparisonNotes.ts';
import { breathe, type JobContext } from './context.ts';
import { convertedGraph, openConverted } from './convertedGraph.ts';
import { convertibleGraph } from './convertible.ts';
import { paddedOutputs, type Sameness, sameness } from './sameOutputs.ts';

/**
 * Writes a model in another format. What was written is opened again and compared with the original on seeded inputs before it appears;
 * the original is only read. Throws `UserError` where the original cannot be evaluated, or the format cannot say what it does.
 */
export async function convert(request: ConvertRequest, context: JobContext): Promise<ConvertReport> {
  const start = performance.now();
  const { path, force = false } = request;
  const target = targetOfRequest(request);
  context.progress({ stage: 'open', done: 0 });
  const model = await openModel(path);
  try {
    const given = convertibleGraph(model);
    const floats = inFloats(given);
    // ONNX can say it.
    const { graph, clipped } = target === 'onnx' ? { graph: floats, clipped: [] } : withoutCellClips(floats);
    const { place, output } = await placeOf(request, target, model);
    const progress = (stage: 'evaluateBefore' | 'write' | 'verify', from: number, share: number) => {
      return async (done = 0) => {
        context.progress({ stage, done: from + done * share });
        await breathe(context);
      };
    };
    const { options, notes } = await chooseEngine(graph, {});
    const original = await paddedOutputs(graph, progress('evaluateBefore', 0.1, 0.3), options);
    // Who has ONNX, or asks for it, is not told to take it.
    const isOnnx = target === 'onnx' || model.format.startsWith('ONNX');
    let written: Pick<Model, 'format' | 'bytes'> | undefined;
    let likeness: Sameness | undefined;
    let divergence: ConvertReport['divergence'];
    await writeWhole(
      place,
      async (temporary) => {
        await writeConverted(target, temporary, graph, progress('write', 0.4, 0)).catch((error: unknown) => {
          throw isOnnx ? withoutHint(error) : error;
        });
        const verify = progress('verify', 0.6, 0.4);
        await verify();
        const converted = await openConverted(target, temporary, output);
        if (!converted) return;
        try {
          written = { format: converted.format, bytes: converted.bytes };
          const computed = convertedGraph(target, converted, output);
          if (!original || !computed) return;
          const outputs = await outputsOn(original, computed, verify, options);
          likeness = await sameness(graph, original, outputs, options);
          if (likeness && !likeness.same)
            throw new UserError('conversionDiffers', { file: output, difference: likeness.difference });
          divergence = divergenceFrom(original, graph, outputs);
        } finally {
          await converted.close();
        }
      },
      { replace: force },
    );
    return {
      model: path,
      output,
      format: written?.format ?? conversionTargets[target].label,
      bytes: { before: model.bytes, after: written?.bytes ?? (await stat(output)).size },
      ...(divergence && { divergence }),
      engine: original?.engine ?? '',
      seconds: (performance.now() - start) / 1000,
      notes: [
        ...(graph.assumptions ?? []).flatMap(ofConverted),
        ...(given.nodes.some(({ integers }) => integers)
          ? [{ code: 'noteConvertedAsFloats', args: {} } as const]
          : []),
        ...clipped.map(({ origin, cellClip = 0 }): Message => {
          const { label: format } = conversionTargets[target];
          return { code: 'noteClipLeftOut', args: { layer: origin, limit: cellClip, format } };
        }),
        ...notes,
        ...(original?.notes ?? []),
        ...(model.hasOptimizerState ? [{ code: 'noteOptimizerNotConverted', args: {} } as const] : []),
        ...(target === 'onnx' && graph.outputs.some(({ mask }) => mask !== undefined)
          ? [{ code: 'noteMaskedStepsCount', args: {} } as const]
          : []),
        ...comparisonNotes(original?.outputs, likeness),
      ],
    };
  } finally {
    await model.close();
  }
}

/** No format gets regularizers or halves: nothing is told of a loss. */
function ofConverted(note: Message): Message[] {
  const { code, args } = note;
  if (code === 'noteRoundedLess') return [];
  if (code === 'noteComputedInHalves' || code === 'noteComputedAround')
    return [{ code: 'noteConvertedFromHalves', args }];
  const ofPenalties = ['notePenalties', 'notePenaltiesOfTraining', 'noteRegularizers'].includes(code);
  return [ofPenalties ? { code: 'notePenaltiesNotConverted', args } : note];
}

function withoutHint(error: unknown): unknown {
  if (!(error instanceof UserError) || error.info.code !== 'conversionImpossible') return error;
  return new UserError('conversionBeyond', error.info.args);
}

/** The graph with floats where the file has whole numbers or halves, as what is written knows nothing of these. */
function inFloats(graph: Graph): Graph {
  if (!graph.nodes.some(({ integers, half }) => integers || half)) return graph;
  return { ...graph, nodes: graph.nodes.map(({ integers, half, ...node }) => node as GraphNode) };
}

/** Throws conversionUnknown where the output's ending is that of no format that is written. */
function targetOfRequest(request: ConvertRequest): ConversionTarget {
  if (request.output === undefined) return request.to;
  const target = targetOf(request.output);
  if (target) return target;
  const endings = Object.values(conversionTargets).map(({ ending }) => ending);
  throw new UserError('conversionUnknown', { file: request.output, endings });
}

interface ConversionPlace {
  /** What is written: the file, or the folder that it is in. */
  readonly place: string;
  /** The file that is opened. */
  readonly output: string;
}

/** The output that was asked for, checked; else a free name beside the original. */
async function placeOf(
  request: ConvertRequest,
  target: ConversionTarget,
  { path }: Model,
): Promise<ConversionPlace> {
  if (request.output === undefined) {
    const { stem } = splitSuffix(path);
    const { ending, folder } = { folder: undefined, ...conversionTargets[target] };
    const place = await freeName(stem, folder ?? ending);
    await checkFolder(place);
    return { place, output: folder === undefined ? place : join(place, ending) };
  }
  const { output, force = false } = request;
  await checkNotOriginal(path, output);
  if (!('folder' in conversionTargets[target])) {
    await checkPlace(output, force);
    return { place: output, output };
  }
  const place = dirname(output);
  await checkOutputFolder(path, place, basename(output), force);
  return { place, output: join(place, conversionTargets[target].ending) };
}
