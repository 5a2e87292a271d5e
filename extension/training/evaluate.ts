import type { PartName, Samples } from '../data/dataset.ts';
import { openData } from '../data/open.ts';
import { sliceSamples } from '../data/shapes.ts';
import { reportedPart } from '../data/split.ts';
import { createSession } from '../engine/session.ts';
import type { Graph } from '../model/graph.ts';
import type { TrainingConfiguration } from '../model/model.ts';
import type { Message } from '../protocol/messages.ts';
import type { DataOptions } from '../protocol/recipe.ts';
import type { EvaluateReport } from '../protocol/report.ts';
import { inBatches } from './batches.ts';
import { chooseLoss } from './losses/choose.ts';
import { Meter } from './meter.ts';
import { outputKind } from './output.ts';

const defaultBatch = 64;

/** Samples that a report is about, read once for all evaluations of a job. */
export interface ReportedSamples {
  readonly file: string;
  readonly split: PartName;
  readonly samples: Samples;
  readonly notes: readonly Message[];
}

/** Opens the data and reads the part that is reported, checked against the graph. */
export async function readSamples(
  graph: Graph,
  options: DataOptions,
  signal: AbortSignal,
): Promise<ReportedSamples> {
  const { shape } = outputKind(graph);
  const dataset = await openData(options, { inputs: graph.inputs, output: shape });
  const { name, part, notes } = reportedPart(dataset, options.split);
  return { file: dataset.file, split: name, samples: await part.load(signal), notes };
}

export interface EvaluateOptions extends Pick<DataOptions, 'loss' | 'batch'> {
  /** Of the file. */
  readonly training?: TrainingConfiguration;
  /** Called before each batch with the share that is done; throws to stop. */
  readonly step?: (done: number) => Promise<void>;
}

/** Loss and metrics of a graph, its masks applied, over samples. The loss is the mean over samples and unmasked steps. */
export async function evaluateGraph(
  graph: Graph,
  { file, split, samples, notes }: ReportedSamples,
  { loss: requested, batch = defaultBatch, training, step }: EvaluateOptions,
): Promise<EvaluateReport> {
  const start = performance.now();
  const output = outputKind(graph);
  const choice = chooseLoss({
    ...(requested !== undefined && { requested }),
    ...(training && { training }),
    output,
    targets: samples.targets,
    file,
  });
  const meter = new Meter(choice.loss);
  const fetch = output.mask === undefined ? [output.value] : [output.value, output.mask];
  const session = await createSession(graph);
  try {
    await inBatches(samples.count, batch, step, async (from, to) => {
      const inputs = samples.inputs.map((input) => sliceSamples(input, from, to));
      const [values, mask] = await session.run(inputs, fetch);
      meter.add(values, sliceSamples(samples.targets, from, to), mask);
    });
    return {
      ...meter.result(),
      split,
      samples: samples.count,
      seconds: (performance.now() - start) / 1000,
      engine: session.engine,
      notes: [...notes, ...choice.notes],
    };
  } finally {
    session.dispose();
  }
}
