import type { Graph } from '../model/graph.ts';
import type { Message, MessageArgument } from '../protocol/messages.ts';
import { UserError } from '../protocol/userError.ts';
import type { Engine } from './engine.ts';
import { isMemoryError } from './memoryError.ts';
import type { EngineOptions, Rehearsal, Session, TrainingOptions, TrainingSession } from './session.ts';

/*
 * Engines are loaded on first use, so that whoever only inspects never pays for one. `auto` is the WebAssembly engine
 * here; `settleEngine` finds out whether TensorFlow is the faster one.
 */

/**
 * Reads the graph's weights, masks applied, into an engine to compute it. A graph too large for the WebAssembly engine
 * goes to TensorFlow.js' own kernels, which the notes say. Throws `UserError` where the graph's shapes do not fit together,
 * and tensorflowMissing or tensorflowNotLoaded.
 */
export async function createSession(graph: Graph, options: EngineOptions = {}): Promise<Session> {
  const { graphSession } = await import('./graphSession.ts');
  return withEngine(graph, options, (engine, notes) => graphSession(graph, engine, notes));
}

/**
 * The same to train a graph with at least one `Loss` node: masks are held, parameters that are not trainable stay as they are. Throws
 * `UserError` batchMemory where smaller batches than those of the rehearsal fit into memory.
 */
export async function createTrainingSession(
  graph: Graph,
  options: TrainingOptions,
): Promise<TrainingSession> {
  const { trainingSession } = await import('./trainingSession.ts');
  const { optimizer, rehearsal } = options;
  return withEngine(
    graph,
    options,
    (engine, notes) => trainingSession(graph, engine, optimizer, notes),
    rehearsal && ((session) => rehearse(session, rehearsal)),
  );
}

/** Computes the gradients of one batch, or finds the largest half, quarter, … of it that fits into memory. */
async function rehearse(session: TrainingSession, { samples, batch }: Rehearsal): Promise<void> {
  let fits = samples;
  for (let limit: MessageArgument | undefined; ; fits = Math.floor(fits / 2)) {
    try {
      await session.gradients(batch(fits));
    } catch (error) {
      if (!isMemoryError(error) || fits <= 1) throw error;
      limit = error.info.args.limit;
      continue;
    }
    if (limit === undefined) return;
    throw new UserError('batchMemory', { batch: samples, limit, fits });
  }
}

/** @param check whether the session can do what it is for; not asked of the engine that is the last resort */
async function withEngine<T extends Session>(
  graph: Graph,
  options: EngineOptions,
  use: (engine: Engine, notes: readonly Message[]) => Promise<T>,
  check?: (session: T) => Promise<void>,
): Promise<T> {
  const engine = options.engine === 'tensorflow' ? await tensorflow(graph, options) : await wasm(options);
  try {
    const session = await use(engine, []);
    try {
      await check?.(session);
    } catch (error) {
      await session.dispose();
      throw error;
    }
    return session;
  } catch (error) {
    await engine.dispose();
    if (!isMemoryError(error)) throw error;
    const { cpuEngine } = await import('./cpu/engine.ts');
    return use(cpuEngine, [{ code: 'noteEngineFallback', args: { engine: cpuEngine.name } }]);
  }
}

async function wasm({ threads }: EngineOptions): Promise<Engine> {
  const { wasmEngine } = await import('./wasm/engine.ts');
  return wasmEngine(threads === undefined ? {} : { threads });
}

async function tensorflow(graph: Graph, { tensorflow: folder, threads }: EngineOptions): Promise<Engine> {
  if (folder === undefined) throw new UserError('tensorflowMissing');
  const { tensorflowEngine } = await import('./tensorflow/engine.ts');
  const { threadsFor } = await import('./tensorflow/threads.ts');
  return tensorflowEngine(folder, threadsFor(graph, threads));
}
