import type { BareSamples } from '../data/dataset.ts';
import { createSession } from '../engine/createSession.ts';
import type { EngineOptions, Session } from '../engine/session.ts';
import type { Graph } from '../model/graph.ts';
import type { Parameter } from '../model/parameter.ts';
import type { EvaluateReport } from '../protocol/report.ts';
import { type EvaluateOptions, evaluateWith } from './evaluate.ts';
import type { ReportedSamples } from './samples.ts';

/** Measures the loss of a graph again and again as its weights and masks change. */
export interface LossSession {
  readonly session: Session;
  measure(options: EvaluateOptions): Promise<EvaluateReport>;
  /** Takes up the weights and masks that these have now, and those that they had before the last call. */
  change(parameters: Iterable<Parameter>): Promise<void>;
}

/** Opens a session for as long as `use` takes. */
export async function withLossSession<T>(
  graph: Graph,
  samples: ReportedSamples<BareSamples>,
  engine: EngineOptions,
  use: (session: LossSession) => Promise<T>,
): Promise<T> {
  const session = await createSession(graph, engine);
  let changed: Parameter[] = [];
  try {
    return await use({
      session,
      measure: (options) => evaluateWith(session, graph, samples, options),
      change: async (parameters) => {
        const now = [...parameters];
        await session.refresh(new Set([...changed, ...now]));
        changed = now;
      },
    });
  } finally {
    await session.dispose();
  }
}
