import type { BareSamples } from '../data/dataset.ts';
import { sliceSamples } from '../data/shapes.ts';
import { createSession } from '../engine/createSession.ts';
import type { EngineOptions, Session } from '../engine/session.ts';
import type { Graph } from '../model/graph.ts';
import type { EvaluateReport } from '../protocol/report.ts';
import { batchSize, inBatches } from './batches.ts';
import { defaultBatch } from './defaults.ts';
import { Meter, type MeterResult } from './meter.ts';
import { outputKind } from './output.ts';
import { PenaltyMeter } from './penaltyMeter.ts';
import type { ReportedSamples } from './samples.ts';

export interface EvaluateOptions {
  /** Samples computed at a time, at most. */
  readonly batch?: number | undefined;
  /** Called before each batch with the share that is done; throws to stop. */
  readonly step?: (done: number) => Promise<void>;
}

/** Loss and metrics of a graph, its masks applied, over samples. The loss is the mean over samples and unmasked steps, with what regularizers add. */
export async function evaluateGraph(
  graph: Graph,
  samples: ReportedSamples<BareSamples>,
  options: EvaluateOptions,
  engine: EngineOptions = {},
): Promise<EvaluateReport> {
  const start = performance.now();
  const session = await createSession(graph, engine);
  try {
    const report = await evaluateWith(session, graph, samples, options);
    return { ...report, seconds: (performance.now() - start) / 1000 };
  } finally {
    await session.dispose();
  }
}

/** The same by a session that is there; its graph may hold more than `graph`, behind the same inputs. */
export async function evaluateWith(
  session: Session,
  graph: Graph,
  { split, samples, loss, notes }: ReportedSamples<BareSamples>,
  { batch = defaultBatch, step }: EvaluateOptions,
): Promise<EvaluateReport> {
  const start = performance.now();
  const output = outputKind(graph);
  const meter = new Meter(loss);
  const penalties = new PenaltyMeter(graph);
  const wanted = output.mask === undefined ? [output.value] : [output.value, output.mask];
  const size = batchSize(session, graph, samples.inputs, batch);
  await inBatches(samples.count, size, step, async (from, to) => {
    const inputs = samples.inputs.map((input) => sliceSamples(input, from, to));
    const found = await session.observe(inputs, [...wanted, ...penalties.values]);
    const [values, mask] = found.slice(0, wanted.length);
    meter.add(values, sliceSamples(samples.targets, from, to), mask);
    penalties.add(found.slice(wanted.length), to - from);
  });
  const result = meter.result();
  const penalty = await penalties.result(session);
  return {
    ...result,
    ...(penalty > 0 && withPenalty(result, penalty)),
    split,
    samples: samples.count,
    seconds: (performance.now() - start) / 1000,
    engine: session.engine,
    notes: [...notes, ...session.notes],
  };
}

function withPenalty(
  { loss, metrics }: MeterResult,
  penalty: number,
): Pick<EvaluateReport, 'loss' | 'metrics'> {
  const { sum } = metrics;
  const all = { ...metrics, penalty, ...(sum !== undefined && { sum: sum + penalty }) };
  return { loss: loss + penalty, metrics: all };
}
