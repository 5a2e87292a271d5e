import type { BareSamples } from '../data/dataset.ts';
import { sliceSamples } from '../data/shapes.ts';
import { createSession } from '../engine/createSession.ts';
import type { EngineOptions, Session } from '../engine/session.ts';
import type { Graph } from '../model/graph.ts';
import { asInFile, type Parameter } from '../model/parameter.ts';
import type { Message } from '../protocol/messages.ts';
import type { Divergence } from '../protocol/report.ts';
import { batchSize, inBatches, stepsOf } from './batches.ts';
import { defaultBatch } from './defaults.ts';
import { DivergenceMeter } from './divergence.ts';
import type { EvaluateOptions } from './evaluate.ts';
import { outputKind } from './output.ts';

/** A model as it is in its file. */
interface Original {
  readonly graph: Graph;
  readonly parameters: Iterable<Parameter>;
}

/** How far a model is from another on data, and what computed it. */
export interface Comparison {
  /** Absent where the original's outputs do not vary, or are no finite numbers. */
  readonly divergence?: Divergence;
  readonly engine: string;
  readonly notes: readonly Message[];
}

/**
 * The divergence of a graph's outputs, its masks applied, from those that the original has as it is in its file. Both are computed batch
 * by batch, so that outputs of any number take no room.
 */
export async function compareModels(
  graph: Graph,
  { graph: originalGraph, parameters }: Original,
  samples: BareSamples,
  options: EvaluateOptions,
  engine: EngineOptions = {},
): Promise<Comparison> {
  const first = await asInFile(parameters, () => createSession(originalGraph, engine));
  try {
    const session = await createSession(graph, engine);
    try {
      const original = { graph: originalGraph, session: first };
      return await compareWith({ graph, session }, original, samples, options);
    } finally {
      await session.dispose();
    }
  } finally {
    await first.dispose();
  }
}

/** A graph in a session, which may hold more than the graph behind the same inputs. */
interface Opened {
  readonly graph: Graph;
  readonly session: Session;
}

/** The same by sessions that are there. */
export async function compareWith(
  { graph, session }: Opened,
  original: Opened,
  { inputs, count }: BareSamples,
  { batch = defaultBatch, step }: EvaluateOptions,
): Promise<Comparison> {
  const { value } = outputKind(graph);
  const first = outputKind(original.graph);
  const wanted = first.mask === undefined ? [first.value] : [first.value, first.mask];
  const meter = new DivergenceMeter(first.kind);
  const size = batchSize(session, graph, inputs, batch);
  await inBatches(count, size, step, async (from, to) => {
    const own = inputs.map((input) => sliceSamples(input, from, to));
    const [expected, mask] = await original.session.observe(own, wanted);
    const [found] = await session.observe(own, [value]);
    meter.add(expected, found, mask);
  });
  const distance = meter.result();
  return {
    ...(distance && { divergence: { ...distance, samples: count, steps: stepsOf(inputs) } }),
    engine: session.engine,
    notes: session.notes,
  };
}
