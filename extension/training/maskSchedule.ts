import type { Batch, StepWatch, TrainingSession } from '../engine/session.ts';
import type { Parameter } from '../model/parameter.ts';
import type { MaskUpdates } from '../protocol/report.ts';

/** 1 keeps, 0 prunes, in the parameter's own order. They are replaced, never written into. */
export type Masks = ReadonlyMap<Parameter, Uint8Array>;

/** What comes with other masks. */
export interface MaskChange {
  /** Values that weights go back to, their moments with them; absent: they stay as they are. */
  readonly rewound?: ReadonlyMap<Parameter, Float32Array> | undefined;
}

/** What the rest of a schedule depends on. */
export interface MaskState {
  readonly masks: Masks;
  /** −Σ w · g over the steps so far; absent where nobody asks for it. */
  readonly movement?: ReadonlyMap<Parameter, Float32Array> | undefined;
  readonly updates: MaskUpdates;
}

/** Changes the masks of a training while it goes on. It sets them on the graph's parameters; the loop lets the session take them up. */
export interface MaskSchedule {
  /** Sets the masks that the first step is to find, before anything of the schedule is due; names the parameters. */
  begin(): Promise<Iterable<Parameter>>;
  /**
   * Called before each step that is taken. Undefined where masks stay as they are.
   * @param step counted from 0 over all epochs
   * @param batch what the step will be taken on
   */
  beforeStep(step: number, batch: Batch): Promise<MaskChange | undefined>;
  /** Called after the last step of an epoch, counted from 1, before its weights are measured. */
  afterEpoch(epoch: number): Promise<MaskChange | undefined>;
  /** Takes away at once all that is still to go; undefined where nothing is. */
  complete(): Promise<MaskChange | undefined>;
  /** The first epoch at whose end all is gone that is to go. */
  readonly settledEpoch: number;
  /** How much of the learning rate's decay is done before a step, 0 to 1. */
  decayed(step: number): number;
  /** Sees every step where that matters to the schedule. */
  readonly watch?: StepWatch | undefined;
  /** Of the present. */
  state(): MaskState;
}

/** Lets a session take up what has changed; whether anything has. */
export async function takeUp(session: TrainingSession, change: MaskChange | undefined): Promise<boolean> {
  if (!change) return false;
  await session.remask();
  if (change.rewound) {
    await session.assign(change.rewound);
    await session.restart();
  }
  return true;
}
