import type { BareSamples, Dataset, ExpectedData, PartName, Samples } from '../data/dataset.ts';
import { openBareData, openData } from '../data/open.ts';
import { reportedPart } from '../data/split.ts';
import type { Graph } from '../model/graph.ts';
import { isOfSequences, type Loss } from '../model/loss.ts';
import type { TrainingConfiguration } from '../model/model.ts';
import { lossNamed } from '../protocol/losses.ts';
import type { Message } from '../protocol/messages.ts';
import type { DataOptions } from '../protocol/recipe.ts';
import { chooseLoss } from './losses/choose.ts';
import { namingAssumptions } from './namingAssumptions.ts';
import { type GraphOutputKind, outputKind } from './output.ts';

/** Samples that a report is about, read once for all evaluations of a job, and the loss that is measured on them. */
export interface ReportedSamples<S extends BareSamples = Samples> {
  readonly dataset: Dataset<S>;
  readonly split: PartName;
  readonly samples: Samples;
  readonly loss: Loss;
  readonly notes: readonly Message[];
}

/** Samples of which nobody says what should come out: all that can be told is how far outputs are from the original's. */
export interface UnlabelledSamples extends Omit<ReportedSamples<BareSamples>, 'samples' | 'loss'> {
  readonly samples: BareSamples;
  readonly loss?: undefined;
}

/** Opens the data, reads the part that is reported, checked against the graph, and chooses the loss. */
export async function readSamples(
  graph: Graph,
  options: DataOptions,
  training: TrainingConfiguration | undefined,
  signal: AbortSignal,
): Promise<ReportedSamples> {
  const output = outputKind(graph);
  const expected = expectedOf(graph, output, options, training);
  const reported = await namingAssumptions(graph, async () => {
    const dataset = await openData(options, expected);
    return loadReported(dataset, graph, options, signal);
  });
  return withLoss(reported, options, training, output);
}

/** The same where the data may name no targets, for what is reported or for what is trained on. */
export async function readBareSamples(
  graph: Graph,
  options: DataOptions,
  training: TrainingConfiguration | undefined,
  signal: AbortSignal,
): Promise<ReportedSamples<BareSamples> | UnlabelledSamples> {
  const output = outputKind(graph);
  const expected = expectedOf(graph, output, options, training);
  const reported = await namingAssumptions(graph, async () => {
    const dataset = await openBareData(options, expected);
    return loadReported(dataset, graph, options, signal);
  });
  const { samples } = reported;
  const { targets } = samples;
  if (!targets) return reported;
  return withLoss({ ...reported, samples: { ...samples, targets } }, options, training, output);
}

/** Targets have the shape of the outputs, or about; labels of sequences have any length. */
function expectedOf(
  { inputs }: Graph,
  { shape }: GraphOutputKind,
  { loss: requested }: DataOptions,
  training: TrainingConfiguration | undefined,
): ExpectedData {
  const name = lossNamed(requested ?? training?.loss ?? '');
  return name && isOfSequences(name) ? { inputs } : { inputs, output: shape };
}

async function loadReported<S extends BareSamples>(
  dataset: Dataset<S>,
  { assumptions = [] }: Graph,
  options: DataOptions,
  signal: AbortSignal,
) {
  const { name: split, part, notes } = reportedPart(dataset, options.split);
  return { dataset, split, samples: await part.load(signal), notes: [...assumptions, ...notes] };
}

function withLoss<S extends BareSamples>(
  reported: Omit<ReportedSamples<S>, 'loss'>,
  { loss: requested }: DataOptions,
  training: TrainingConfiguration | undefined,
  output: GraphOutputKind,
): ReportedSamples<S> {
  const { file } = reported.dataset;
  const { targets } = reported.samples;
  const { loss, notes } = chooseLoss({ requested, training, output, targets, file });
  return { ...reported, loss, notes: [...reported.notes, ...notes] };
}
