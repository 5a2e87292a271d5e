import { concatSamples, sliceSamples } from '../data/shapes.ts';
import { createSession } from '../engine/createSession.ts';
import { batchShape, freeSteps, randomBatch } from '../engine/randomInputs.ts';
import type { EngineOptions, Session } from '../engine/session.ts';
import type { Graph, ValueName } from '../model/graph.ts';
import { sizeOf } from '../model/parameter.ts';
import { Random } from '../model/random.ts';
import type { Tensor } from '../model/tensor.ts';
import { operationsPerSample } from '../ops/cost.ts';
import type { Message } from '../protocol/messages.ts';
import type { Divergence } from '../protocol/report.ts';
import { batchSize, inBatches, stepsOf } from './batches.ts';
import { defaultSeed } from './defaults.ts';
import { divergenceOf } from './divergence.ts';
import { type GraphOutputKind, outputKind } from './output.ts';

const mostSamples = 64;
/** For one model's outputs, roughly; one too large for 64 samples on its engine gets fewer. */
const mostSeconds = 10;
/** Values of all inputs together; a model of longer sequences is not compared, rather than filling the memory. */
const mostValues = 2 ** 26;

/** Called before each batch with the share that is done; throws to stop. */
type Step = (done: number) => Promise<void>;

/** What the unpruned model makes of seeded inputs. */
export interface OriginalOutputs {
  readonly engine: string;
  readonly notes: readonly Message[];
  readonly inputs: readonly Tensor[];
  readonly outputs: Tensor;
  readonly mask?: Tensor;
  readonly steps: number;
}

/**
 * Computes a graph on up to 64 seeded inputs of its shape: standard normal, or uniform token ids for an embedding. Undefined
 * where an axis other than time is free, so that no input can be made, or the inputs would be too large.
 * @param arranged makes of the inputs those that are used
 */
export async function originalOutputs(
  graph: Graph,
  seed = defaultSeed,
  step?: Step,
  engine: EngineOptions = {},
  arranged: (inputs: readonly Tensor[]) => readonly Tensor[] = (inputs) => inputs,
): Promise<OriginalOutputs | undefined> {
  if (graph.inputs.some(({ shape }) => shape.slice(2).includes(null))) return undefined;
  const steps = freeSteps(graph);
  const one = graph.inputs.reduce((sum, input) => sum + sizeOf(batchShape(input, 1, steps)), 0);
  if (one > mostValues) return undefined;
  return withSession(graph, engine, async (session) => {
    const affordable = Math.floor((mostSeconds * session.speed) / operationsPerSample(graph, steps));
    const samples = Math.min(mostSamples, Math.floor(mostValues / one), Math.max(1, affordable));
    const inputs = arranged(randomBatch(graph, samples, steps, new Random(seed)));
    const { outputs, mask } = await compute(session, graph, outputKind(graph), inputs, step);
    return {
      engine: session.engine,
      notes: session.notes,
      inputs,
      outputs,
      steps: stepsOf(inputs),
      ...(mask && { mask }),
    };
  });
}

/** The divergence of a pruned graph from the original; undefined where the original's outputs do not vary, or are no finite numbers. */
export async function compareOutputs(
  graph: Graph,
  original: OriginalOutputs,
  step?: Step,
  engine: EngineOptions = {},
): Promise<Divergence | undefined> {
  return divergenceFrom(original, graph, await outputsOn(original, graph, step, engine));
}

/** What another graph makes of the original's inputs. */
export async function outputsOn(
  { inputs }: OriginalOutputs,
  graph: Graph,
  step?: Step,
  engine: EngineOptions = {},
): Promise<Tensor> {
  const kind = outputKind(graph);
  const { outputs } = await withSession(graph, engine, (session) =>
    compute(session, graph, kind, inputs, step),
  );
  return outputs;
}

/** The divergence of what a graph put out; undefined where the original's outputs do not vary, or are no finite numbers. */
export function divergenceFrom(
  original: OriginalOutputs,
  graph: Graph,
  outputs: Tensor,
): Divergence | undefined {
  const divergence = divergenceOf(original.outputs, outputs, outputKind(graph).kind, original.mask);
  const [samples] = original.outputs.shape;
  return divergence && { ...divergence, samples, steps: original.steps };
}

async function withSession<T>(
  graph: Graph,
  engine: EngineOptions,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await createSession(graph, engine);
  try {
    return await use(session);
  } finally {
    await session.dispose();
  }
}

async function compute(
  session: Session,
  graph: Graph,
  { value, mask }: GraphOutputKind,
  inputs: readonly Tensor[],
  step: Step | undefined,
): Promise<{ outputs: Tensor; mask?: Tensor }> {
  const wanted: ValueName[] = mask === undefined ? [value] : [value, mask];
  const computed: Tensor[][] = [];
  const [samples] = inputs[0].shape;
  const size = batchSize(session, graph, inputs, samples);
  await inBatches(samples, size, step, async (from, to) => {
    const batch = inputs.map((input) => sliceSamples(input, from, to));
    computed.push(await session.observe(batch, wanted));
  });
  const outputs = concatSamples(computed.map(([values]) => values));
  return mask === undefined ? { outputs } : { outputs, mask: concatSamples(computed.map(([, m]) => m)) };
}
