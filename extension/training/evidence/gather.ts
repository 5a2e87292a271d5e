import { sliceSamples } from '../../data/shapes.ts';
import type { Session, TrainingSession } from '../../engine/session.ts';
import type { Evidence, EvidenceKind } from '../../model/evidence.ts';
import type { Graph, ValueName } from '../../model/graph.ts';
import { type Parameter, readMasked } from '../../model/parameter.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Tensor } from '../../model/tensor.ts';
import { batchSize, inBatches } from '../batches.ts';
import { defaultBatch } from '../defaults.ts';
import { ColumnSaliency, type MatrixPart } from './columnSaliency.ts';
import { MeanGradient } from './gradient.ts';
import { InputNorms } from './inputNorms.ts';
import { MeanSquaredGradient } from './squaredGradient.ts';
import type { GradientSum, ValueSum } from './sums.ts';
import { UnitActivities } from './units.ts';

/** Samples that mean gradients and activations are taken from where nothing is said. */
export const defaultSamples = 256;
/** The same of what needs a gradient of every single sample: each takes as long as one of a whole batch, nearly. */
const defaultSingleSamples = 64;

/** What evidence is gathered from. */
export interface EvidenceSource {
  /** One that trains where gradients are needed; its present weights count. */
  readonly session: Session | TrainingSession;
  /** Its graph; with a loss at the end where gradients are needed. */
  readonly graph: Graph;
  /** The recurrent layers of the model. */
  readonly layers: readonly RecurrentLayer[];
  /** What is judged, frozen or not: gate by gate, or whole tensors. */
  readonly parts: readonly MatrixPart[];
  /** The model's inputs for some samples, of which the first are taken; see `firstIndices`. */
  readonly inputs: readonly Tensor[];
  /** The same with all that the graph takes besides. */
  readonly fed: readonly Tensor[];
  /** How many; absent: as many as the defaults say. */
  readonly most?: number | undefined;
  /** Samples computed at a time, at most. */
  readonly batch?: number | undefined;
}

/** Called before each batch with the share that is done; throws to stop. */
type Step = (done: number) => Promise<void>;

const singleKinds: readonly EvidenceKind[] = ['squaredGradient', 'columnSaliency'];

/** How many samples tell evidence of these kinds where nothing is said. */
export function usualSamples(kinds: readonly EvidenceKind[]): number {
  return kinds.some((kind) => singleKinds.includes(kind)) ? defaultSingleSamples : defaultSamples;
}

/** Whether a kind of evidence is made of gradients, so that a session that trains is needed. */
export function needsGradients(kind: EvidenceKind): boolean {
  return kind === 'gradient' || singleKinds.includes(kind);
}

/**
 * Gathers evidence about a model from samples, by its present weights and masks, with nothing dropped. `movement` is none of it: only a
 * training can tell.
 */
export async function gatherEvidence(
  kinds: readonly EvidenceKind[],
  source: EvidenceSource,
  step?: Step,
): Promise<Evidence> {
  const wanted = new Set(kinds);
  const { session, graph, inputs } = source;
  const batch = batchSize(session, graph, inputs, source.batch ?? defaultBatch);
  const parameters = source.parts.map(({ view }) => view.parameter);
  const values: ValueSum[] = [];
  if (wanted.has('inputNorms')) values.push(new InputNorms(source.graph));
  if (wanted.has('units')) values.push(new UnitActivities(source.graph, source.layers));
  const means: GradientSum[] = wanted.has('gradient') ? [new MeanGradient(parameters)] : [];
  const singles: GradientSum[] = [];
  if (wanted.has('squaredGradient')) singles.push(new MeanSquaredGradient(parameters));
  if (wanted.has('columnSaliency')) singles.push(await columnSaliency(source));
  const passes = [
    ...(values.length > 0 ? [(own: Step) => addValues(values, source, own)] : []),
    ...(means.length > 0 ? [(own: Step) => addGradients(means, source, defaultSamples, batch, own)] : []),
    ...(singles.length > 0
      ? [(own: Step) => addGradients(singles, source, defaultSingleSamples, 1, own)]
      : []),
  ];
  for (const [i, pass] of passes.entries()) {
    await pass(async (done) => step?.((i + done) / passes.length));
  }
  return Object.assign({}, ...[...values, ...means, ...singles].map((sum) => sum.result()));
}

/** Lets sums see the values of samples batch by batch. */
export async function addValues(
  sums: readonly Pick<ValueSum, 'values' | 'add'>[],
  {
    session,
    graph,
    inputs,
    most = defaultSamples,
    batch = defaultBatch,
  }: Omit<EvidenceSource, 'layers' | 'parts' | 'fed'>,
  step?: Step,
): Promise<void> {
  const names = [...new Set(sums.flatMap((sum) => sum.values))];
  const size = batchSize(session, graph, inputs, batch);
  await inBatches(Math.min(most, inputs[0].shape[0]), size, step, async (from, to) => {
    const own = inputs.map((input) => sliceSamples(input, from, to));
    const found = await session.observe(own, names);
    const tensors = new Map(names.map((name, i) => [name, found[i]]));
    const value = (name: ValueName) => tensors.get(name) as Tensor;
    for (const sum of sums) await sum.add(value);
  });
}

/**
 * @param usual samples where nothing is said
 * @param size samples of a gradient, at most
 */
async function addGradients(
  sums: readonly GradientSum[],
  source: EvidenceSource,
  usual: number,
  size: number,
  step: Step,
): Promise<void> {
  const { fed } = source;
  const session = trainingOf(source);
  await inBatches(Math.min(source.most ?? usual, fed[0].shape[0]), size, step, async (from, to) => {
    const inputs = fed.map((tensor) => sliceSamples(tensor, from, to));
    const result = await session.gradients({ inputs }, 'all');
    for (const sum of sums) sum.add(result);
  });
}

async function columnSaliency(source: EvidenceSource): Promise<ColumnSaliency> {
  const weights = await trainingOf(source).weights();
  const all = new Map<Parameter, Float32Array>(weights);
  for (const { view } of source.parts) {
    const { parameter } = view;
    if (!all.has(parameter)) all.set(parameter, await readMasked(parameter));
  }
  return new ColumnSaliency(source.parts, (parameter) => all.get(parameter));
}

function trainingOf({ session }: EvidenceSource): TrainingSession {
  if ('gradients' in session) return session;
  throw new Error('gradients were asked of a session that does not train');
}
