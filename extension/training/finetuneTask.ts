import type { Samples } from '../data/dataset.ts';
import type { TrainingSession } from '../engine/session.ts';
import type { Loss } from '../model/loss.ts';
import type { DecayName } from '../protocol/recipe.ts';
import type { LossGraph } from './lossGraph.ts';

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

/** What is trained, on what, and by which loss. Targets are of the type that the graph's last input has. */
export interface FinetuneTask {
  readonly session: TrainingSession;
  readonly lossGraph: LossGraph;
  readonly loss: Loss;
  readonly train: Samples;
  readonly validation: Samples;
  readonly settings: FinetuneSettings;
  /** Loss of the model before it was pruned, where that is known. */
  readonly dense?: number | undefined;
}
