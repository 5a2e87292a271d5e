import { sliceSamples } from '../data/shapes.ts';
import type { TrainingSamples } from '../data/split.ts';
import { createTrainingSession } from '../engine/createSession.ts';
import type { EngineOptions } from '../engine/session.ts';
import type { Graph } from '../model/graph.ts';
import type { Loss } from '../model/loss.ts';
import type { OptimizerSettings } from '../model/optimizer.ts';
import type { FinetuneSettings, FinetuneTask } from './finetuneTask.ts';
import { asTargets, withLoss } from './lossGraph.ts';

/**
 * Reads a graph into an engine to train it, its masks held. Whoever asks disposes of the task's session. Throws batchMemory
 * where the batches are too large for the engine.
 */
export async function startTraining(
  graph: Graph,
  loss: Loss,
  samples: Pick<TrainingSamples, 'train' | 'validation'>,
  optimizer: OptimizerSettings,
  settings: FinetuneSettings,
  engine: EngineOptions = {},
): Promise<FinetuneTask> {
  const { train, validation } = samples;
  const [trainTargets, validationTargets] = asTargets(loss, [train.targets, validation.targets]);
  const lossGraph = withLoss(graph, loss, trainTargets);
  const rehearsal = {
    samples: Math.min(settings.batch, train.count),
    batch: (samples: number) => ({
      inputs: [...train.inputs, trainTargets].map((tensor) => sliceSamples(tensor, 0, samples)),
    }),
  };
  return {
    session: await createTrainingSession(lossGraph.graph, { ...engine, optimizer, rehearsal }),
    lossGraph,
    loss,
    train: { ...train, targets: trainTargets },
    validation: { ...validation, targets: validationTargets },
    settings,
  };
}
