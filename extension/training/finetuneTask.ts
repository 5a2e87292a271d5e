import type { TrainingSession } from '../engine/session.ts';
import type { DecayName } from '../protocol/recipe.ts';
import type { Feed } from './feed.ts';
import type { GroupLasso } from './groupLasso.ts';
import type { LossGraph } from './lossGraph.ts';
import type { MaskSchedule } from './maskSchedule.ts';

export interface FinetuneSettings {
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  /** At the first step. */
  readonly learningRate: number;
  /** The learning rate that it would have been had nobody asked for one. */
  readonly usualRate: number;
  readonly decay: DecayName;
  readonly clipNorm?: number | undefined;
  readonly patience?: number | undefined;
  readonly l1?: number | undefined;
  readonly l2?: number | undefined;
}

/** What is trained, on what, and by which loss. */
export interface FinetuneTask {
  readonly session: TrainingSession;
  /** Its values are what epochs are compared by. */
  readonly lossGraph: LossGraph;
  readonly train: Feed;
  readonly validation: Feed;
  /** What regularizers of the file add is part of the loss. */
  readonly regularized: boolean;
  /** Rows that the outputs for the training samples have, masked ones too. */
  readonly rows: number;
  /** Loss of who knows nothing. */
  readonly guessing: number;
  readonly settings: FinetuneSettings;
  /** A penalty that takes groups of weights to zero; absent: there is none. */
  readonly groupLasso?: GroupLasso | undefined;
  /** Changes the masks while it goes on; absent: they stay. */
  readonly schedule?: MaskSchedule | undefined;
  /** Loss of the model before it was pruned, where that is known. */
  readonly dense?: number | undefined;
}
