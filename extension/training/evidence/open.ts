import type { BareSamples } from '../../data/dataset.ts';
import { createSession, createTrainingSession } from '../../engine/createSession.ts';
import type { EngineOptions, Session, TrainingSession } from '../../engine/session.ts';
import type { Evidence, EvidenceKind } from '../../model/evidence.ts';
import type { Graph } from '../../model/graph.ts';
import type { Loss } from '../../model/loss.ts';
import type { OptimizerSettings } from '../../model/optimizer.ts';
import { defaultSeed } from '../defaults.ts';
import type { FinetuneTask } from '../finetuneTask.ts';
import { asTargets, withLoss } from '../lossGraph.ts';
import { defaultSamples, type EvidenceSource, gatherEvidence, needsGradients } from './gather.ts';
import { firstIndices, firstSamples } from './samples.ts';

/** Takes no memory for moments; no step is taken. */
const cheapest: OptimizerSettings = { name: 'sgd', momentum: 0, nesterov: false };

/** What evidence is about, and how many samples tell it. */
export type EvidenceWish = Pick<EvidenceSource, 'layers' | 'parts' | 'most' | 'batch'> & {
  readonly seed?: number | undefined;
};

/**
 * Gathers evidence about a graph by its parameters' weights and masks, in a session of its own.
 * @param loss needed where gradients are, and targets with it
 */
export async function evidenceAbout(
  graph: Graph,
  loss: Loss | undefined,
  part: BareSamples,
  kinds: readonly EvidenceKind[],
  { seed = defaultSeed, ...wish }: EvidenceWish,
  engine: EngineOptions = {},
  step?: (done: number) => Promise<void>,
): Promise<Evidence> {
  const first = firstSamples(part, wish.most ?? defaultSamples, seed);
  const [targets] = loss && first.targets ? asTargets(loss, [first.targets]) : [];
  const fed = targets ? [...first.inputs, targets] : first.inputs;
  const trains = kinds.some(needsGradients);
  const own = trains && loss && targets ? withLoss(graph, loss, targets).graph : graph;
  const session: Session | TrainingSession = trains
    ? await createTrainingSession(own, { ...engine, optimizer: cheapest })
    : await createSession(own, engine);
  try {
    return await gatherEvidence(kinds, { ...wish, session, graph: own, inputs: first.inputs, fed }, step);
  } finally {
    await session.dispose();
  }
}

/** Gathers evidence about what a training has come to, by its present weights and masks, from its own samples. */
export async function evidenceInTraining(
  { session, lossGraph, train, settings }: Pick<FinetuneTask, 'session' | 'lossGraph' | 'train' | 'settings'>,
  kinds: readonly EvidenceKind[],
  wish: Omit<EvidenceWish, 'seed'>,
  step?: (done: number) => Promise<void>,
): Promise<Evidence> {
  const fed = await train.take(firstIndices(train.count, wish.most ?? defaultSamples, settings.seed));
  const inputs = fed.slice(0, train.inputs.length);
  const { graph } = lossGraph;
  return gatherEvidence(kinds, { batch: settings.batch, ...wish, session, graph, inputs, fed }, step);
}
