import type { Dataset, PartName, Samples } from '../data/dataset.ts';
import { openData } from '../data/open.ts';
import { reportedPart } from '../data/split.ts';
import type { Graph } from '../model/graph.ts';
import type { Loss } from '../model/loss.ts';
import type { TrainingConfiguration } from '../model/model.ts';
import type { Message } from '../protocol/messages.ts';
import type { DataOptions } from '../protocol/recipe.ts';
import { chooseLoss } from './losses/choose.ts';
import { outputKind } from './output.ts';

/** Samples that a report is about, read once for all evaluations of a job, and the loss that is measured on them. */
export interface ReportedSamples {
  readonly dataset: Dataset;
  readonly split: PartName;
  readonly samples: Samples;
  readonly loss: Loss;
  readonly notes: readonly Message[];
}

/** Opens the data, reads the part that is reported, checked against the graph, and chooses the loss. */
export async function readSamples(
  graph: Graph,
  options: DataOptions,
  training: TrainingConfiguration | undefined,
  signal: AbortSignal,
): Promise<ReportedSamples> {
  const output = outputKind(graph);
  const dataset = await openData(options, { inputs: graph.inputs, output: output.shape });
  const { name, part, notes } = reportedPart(dataset, options.split);
  const samples = await part.load(signal);
  const { file } = dataset;
  const choice = chooseLoss({ requested: options.loss, training, output, targets: samples.targets, file });
  return { dataset, split: name, samples, loss: choice.loss, notes: [...notes, ...choice.notes] };
}
