import { concatSamples, sliceSamples } from '../data/shapes.ts';
import { createSession } from '../engine/session.ts';
import type { Graph, GraphInput, ValueName } from '../model/graph.ts';
import { sizeOf } from '../model/parameter.ts';
import type { Tensor } from '../model/tensor.ts';
import type { Divergence } from '../protocol/report.ts';
import { inBatches } from './batches.ts';
import { operationsPerSample } from './cost.ts';
import { divergenceOf } from './divergence.ts';
import { type GraphOutputKind, outputKind } from './output.ts';
import { Random } from './random.ts';

const mostSamples = 64;
/** Operations for one model's outputs, some ten seconds on this engine; a model too large for 64 samples gets fewer. */
const mostOperations = 4e9;
/** Steps of inputs whose length is free. */
const freeSteps = 32;
const defaultSeed = 1;
/** Values of all inputs together; a model of longer sequences is not compared, rather than filling the memory. */
const mostValues = 2 ** 26;

/** Called before each batch with the share that is done; throws to stop. */
type Step = (done: number) => Promise<void>;

/** What the unpruned model makes of seeded inputs. */
export interface OriginalOutputs {
  readonly engine: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: Tensor;
  readonly mask?: Tensor;
  readonly steps: number;
}

/**
 * Computes a graph on up to 64 seeded inputs of its shape: standard normal, or uniform token ids for an embedding. Undefined
 * where an axis other than time is free, so that no input can be made, or the inputs would be too large.
 */
export async function originalOutputs(
  graph: Graph,
  seed = defaultSeed,
  step?: Step,
): Promise<OriginalOutputs | undefined> {
  if (graph.inputs.some(({ shape }) => shape.slice(2).includes(null))) return undefined;
  const affordable = Math.floor(mostOperations / operationsPerSample(graph, freeSteps));
  const samples = Math.min(mostSamples, Math.max(1, affordable));
  const shapes = graph.inputs.map((input) => shapeOf(input, samples));
  if (shapes.reduce((sum, shape) => sum + sizeOf(shape), 0) > mostValues) return undefined;
  const random = new Random(seed);
  const inputs = graph.inputs.map((input, i) => randomInput(input, shapes[i], random));
  const { engine, outputs, mask } = await compute(graph, outputKind(graph), inputs, step);
  const steps = Math.max(...inputs.map(({ shape }) => (shape.length > 1 ? shape[1] : 1)));
  return { engine, inputs, outputs, steps, ...(mask && { mask }) };
}

/** The divergence of a pruned graph from the original; undefined where the original's outputs do not vary. */
export async function compareOutputs(
  graph: Graph,
  original: OriginalOutputs,
  step?: Step,
): Promise<Divergence | undefined> {
  const kind = outputKind(graph);
  const { outputs } = await compute(graph, kind, original.inputs, step);
  const divergence = divergenceOf(original.outputs, outputs, kind.kind, original.mask);
  const [samples] = original.outputs.shape;
  return divergence && { ...divergence, samples, steps: original.steps };
}

async function compute(
  graph: Graph,
  { value, mask }: GraphOutputKind,
  inputs: readonly Tensor[],
  step: Step | undefined,
): Promise<{ engine: string; outputs: Tensor; mask?: Tensor }> {
  const fetch: ValueName[] = mask === undefined ? [value] : [value, mask];
  const session = await createSession(graph);
  try {
    const computed: Tensor[][] = [];
    const [samples] = inputs[0].shape;
    await inBatches(samples, samples, step, async (from, to) => {
      const batch = inputs.map((input) => sliceSamples(input, from, to));
      computed.push(await session.run(batch, fetch));
    });
    const outputs = concatSamples(computed.map(([values]) => values));
    const { engine } = session;
    return mask === undefined
      ? { engine, outputs }
      : { engine, outputs, mask: concatSamples(computed.map(([, m]) => m)) };
  } finally {
    session.dispose();
  }
}

function shapeOf({ shape }: GraphInput, samples: number): number[] {
  return shape.map((n, axis) => (axis === 0 ? samples : (n ?? freeSteps)));
}

function randomInput({ dtype, vocabulary }: GraphInput, shape: readonly number[], random: Random): Tensor {
  const length = sizeOf(shape);
  const data =
    dtype === 'int32'
      ? Int32Array.from({ length }, () => random.below(vocabulary ?? 1))
      : Float32Array.from({ length }, () => random.normal());
  return { shape, data };
}
