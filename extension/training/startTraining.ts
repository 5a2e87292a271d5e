import type { BareSamples } from '../data/dataset.ts';
import { sliceSamples } from '../data/shapes.ts';
import type { TrainingSamples } from '../data/split.ts';
import { createTrainingSession } from '../engine/createSession.ts';
import type { EngineOptions } from '../engine/session.ts';
import type { Graph } from '../model/graph.ts';
import type { Loss } from '../model/loss.ts';
import type { OptimizerSettings } from '../model/optimizer.ts';
import type { Tensor } from '../model/tensor.ts';
import { defaultBatch } from './defaults.ts';
import { lossOfGuessing, rowsOf } from './exploding.ts';
import { Feed } from './feed.ts';
import type { FinetuneSettings, FinetuneTask } from './finetuneTask.ts';
import { asTargets, type LossGraph, withLoss, withTeacher } from './lossGraph.ts';
import type { Teacher } from './teacher.ts';
import { teachingFactors, teachingLoss } from './teaching.ts';

/** What outputs are trained to be: at least one of both. */
export interface Aims {
  /** Against the targets. */
  readonly loss?: Loss | undefined;
  readonly teacher?: Teacher | undefined;
}

type Parts = Pick<TrainingSamples<BareSamples>, 'train' | 'validation'>;

/**
 * Reads a graph into an engine to train it, its masks held. Whoever asks disposes of the task's session, and of the teacher. Throws
 * batchMemory where the batches are too large for the engine.
 */
export async function startTraining(
  graph: Graph,
  aims: Aims,
  { train, validation }: Parts,
  optimizer: OptimizerSettings,
  settings: FinetuneSettings,
  engine: EngineOptions = {},
): Promise<FinetuneTask> {
  const { loss, teacher } = aims;
  const [own, held] = loss ? asTargets(loss, [train, validation].map(targetsOf)) : [];
  const lossGraph = lossGraphOf(graph, aims, own);
  const feed = new Feed(train.inputs, own, teacher);
  // What a teacher puts out for one batch alone may be too little to tell what is a large loss.
  const first = await feed.slice(0, Math.min(train.count, Math.max(settings.batch, defaultBatch)));
  const rehearsal = {
    samples: Math.min(settings.batch, train.count),
    batch: (samples: number) => ({ inputs: first.map((tensor) => sliceSamples(tensor, 0, samples)) }),
  };
  const session = await createTrainingSession(lossGraph.graph, { ...engine, optimizer, rehearsal });
  // Where there are targets, epochs are compared by them alone.
  const heldFeed = new Feed(validation.inputs, held, loss ? undefined : teacher);
  const scale = scaleOf(aims, own && held && [own, held], first, train.count);
  // Who learns from the original alone is to come near to it, whatever its weights were kept small by.
  const regularized = loss !== undefined;
  return { session, lossGraph, train: feed, validation: heldFeed, regularized, ...scale, settings };
}

function targetsOf({ targets }: BareSamples): Tensor {
  if (!targets) throw new Error('samples without targets were to be learned from');
  return targets;
}

function lossGraphOf(graph: Graph, { loss, teacher }: Aims, targets: Tensor | undefined): LossGraph {
  const factor = teacher ? teachingFactors(teacher.teaching).targets : 1;
  const own = loss && targets && withLoss(graph, loss, targets, factor);
  if (!teacher) {
    if (!own) throw new Error('a training was asked for with nothing to learn from');
    return own;
  }
  const both = withTeacher(own?.graph ?? graph, teacher.teaching, teacher.width);
  return own ? { ...both, values: own.values } : both;
}

/**
 * @param targets of both parts
 * @param first what is fed of the first samples of `count`; last what the teacher puts out for them
 */
function scaleOf(
  { loss, teacher }: Aims,
  targets: readonly Tensor[] | undefined,
  first: readonly Tensor[],
  count: number,
): Pick<FinetuneTask, 'rows' | 'guessing'> {
  const own = loss && targets ? Math.max(...targets.map((part) => lossOfGuessing(loss, part))) : 0;
  const rows = loss && targets ? rowsOf(loss, targets[0]) : 0;
  if (!teacher) return { rows, guessing: own };
  const { teaching, width } = teacher;
  const taught = first[first.length - 1];
  const against = teachingLoss(teaching, width);
  const factors = teachingFactors(teaching);
  const both = factors.targets * own + factors.teacher * lossOfGuessing(against, taught);
  return {
    rows: loss ? rows : (rowsOf(against, taught) / taught.shape[0]) * count,
    guessing: Math.max(own, both),
  };
}
