import type { TrainingSession } from '../../../extension/engine/session.ts';
import { Feed } from '../../../extension/training/feed.ts';
import type { FinetuneSettings, FinetuneTask } from '../../../extension/training/finetuneTask.ts';
import { withLoss } from '../../../extension/training/lossGraph.ts';
import { learnable, part } from './learnable.ts';
import { tensor } from './losses.ts';

/**
 * What a training will see: the loss of each step, and of each batch of validation before the first epoch and after each. By the settings
 * that follow unasked both are one an epoch.
 */
export interface Script {
  readonly losses: readonly number[];
  readonly validationLosses: readonly number[];
  /** Rows that count in each; absent: 2 in all. */
  readonly rows?: readonly number[];
  readonly validationRows?: readonly number[];
}

/** A training whose losses are written down beforehand. Its only weight is the number of steps that were taken. */
export function scripted(
  { losses, validationLosses, rows = [], validationRows = [] }: Script,
  settings: Partial<FinetuneSettings> = {},
  taken = 0,
): FinetuneTask {
  const model = learnable({ samples: 4, steps: 2, hidden: 2 });
  let [steps, validations] = [taken, 0];
  const feed = (from: number, to: number) => {
    const { inputs, targets } = part(model.samples, from, to);
    return new Feed(inputs, targets);
  };
  const unused = (): never => {
    throw new Error('no script has this');
  };
  const session: TrainingSession = {
    engine: 'script',
    notes: [],
    speed: 1e9,
    observe: async () => {
      const now = validations++;
      return [tensor([], [validationLosses[now]]), tensor([], [validationRows[now] ?? 2])];
    },
    step: async () => {
      const now = steps++ - taken;
      return { loss: losses[now], rows: rows[now] ?? 2 };
    },
    weights: async () => new Map([[model.layer.kernel, Float32Array.of(steps)]]),
    state: async () => ({ iterations: steps, tensors: [] }),
    forward: unused,
    penalty: unused,
    refresh: unused,
    gradients: unused,
    denseGradients: unused,
    assign: unused,
    remask: unused,
    restart: unused,
    restore: unused,
    dispose: async () => {},
  };
  return {
    session,
    lossGraph: withLoss(model.graph, model.loss, model.samples.targets),
    train: feed(0, 2),
    validation: feed(2, 4),
    regularized: false,
    rows: 2,
    guessing: Math.LN2,
    settings: {
      ...{ epochs: losses.length, batch: 2, seed: 1, learningRate: 0.1, usualRate: 0.01, decay: 'none' },
      ...settings,
    },
  };
}
