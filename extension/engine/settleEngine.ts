import type { Graph } from '../model/graph.ts';
import type { OptimizerSettings } from '../model/optimizer.ts';
import type { Tensor } from '../model/tensor.ts';
import type { Message } from '../protocol/messages.ts';
import { createSession, createTrainingSession } from './createSession.ts';
import { type EngineId, leftOut } from './engineIds.ts';
import type { EngineOptions } from './session.ts';
import { timeBatch, trialBatch } from './trial.ts';

/** Options that name an engine, and what is to be said about the choice. */
export interface SettledEngine {
  readonly options: EngineOptions;
  readonly notes: readonly Message[];
}

/** What the engines compute to be compared. */
export interface Trial {
  /** The graph ends in its loss, whose gradients are timed; else its outputs are. */
  readonly trains: boolean;
  /** A batch of the job's own, one tensor for each graph input; absent: a random one. */
  readonly inputs?: readonly Tensor[];
}

/** Engines that `auto` chooses from. */
const candidates: readonly EngineId[] = ['wasm', 'tensorflow'];

/** Takes no memory for moments; an update is not timed. */
const cheapest: OptimizerSettings = { name: 'sgd', momentum: 0, nesterov: false };

/**
 * Chooses an engine once for a whole job. Where `auto` is asked for and TensorFlow is there, both compute a batch of the
 * model, and the faster one is taken; one that cannot is left out, which the notes say. Throws where none can.
 */
export async function settleEngine(
  graph: Graph,
  options: EngineOptions,
  { trains, inputs }: Trial,
): Promise<SettledEngine> {
  const { engine = 'auto', tensorflow } = options;
  if (engine !== 'auto') return { options, notes: [] };
  if (tensorflow === undefined) return { options: { ...options, engine: 'wasm' }, notes: [] };
  const batch = inputs ?? trialBatch(graph);
  const times: { engine: EngineId; name: string; milliseconds: number }[] = [];
  const failures: { engine: EngineId; error: unknown }[] = [];
  for (const candidate of candidates) {
    try {
      times.push({ engine: candidate, ...(await tried(candidate, graph, options, trains, batch)) });
    } catch (error) {
      failures.push({ engine: candidate, error });
    }
  }
  const [best, other] = times.sort((a, b) => a.milliseconds - b.milliseconds);
  if (!best) throw failures[0].error;
  const chosen = { ...options, engine: best.engine };
  if (!other) return { options: chosen, notes: failures.map(({ engine, error }) => leftOut(engine, error)) };
  const args = {
    engine: best.name,
    milliseconds: best.milliseconds,
    other: other.name,
    otherMilliseconds: other.milliseconds,
  };
  return { options: chosen, notes: [{ code: 'noteEngineChosen', args }] };
}

async function tried(
  engine: EngineId,
  graph: Graph,
  options: EngineOptions,
  trains: boolean,
  inputs: readonly Tensor[],
): Promise<{ name: string; milliseconds: number }> {
  const chosen = { ...options, engine };
  const session = trains
    ? await createTrainingSession(graph, { ...chosen, optimizer: cheapest })
    : await createSession(graph, chosen);
  try {
    return { name: session.engine, milliseconds: await timeBatch(session, inputs) };
  } finally {
    await session.dispose();
  }
}
