import type { TrainingState } from '../engine/session.ts';
import { type Parameter, sizeOf } from '../model/parameter.ts';
import type { MaskUpdates } from '../protocol/report.ts';
import type { Snapshot } from './finetune.ts';

/** Arrays by the names of the parameters that they belong to. */
export type Named<Values> = ReadonlyMap<string, Values>;

/** A snapshot whose parameters are named, not yet found in a model. */
export interface StoredSnapshot extends Omit<Snapshot, 'best' | 'bestMasks' | 'schedule'> {
  /** The engine whose state it is. */
  readonly engine: string;
  readonly best: Named<Float32Array>;
  readonly bestMasks?: Named<Uint8Array> | undefined;
  readonly schedule?:
    | {
        readonly masks: Named<Uint8Array>;
        readonly movement?: Named<Float32Array> | undefined;
        readonly updates: MaskUpdates;
      }
    | undefined;
}

/** The snapshot for a model with these parameters; undefined where it is that of another. */
export function asSnapshot(
  { state, epochs, before, firstLoss, best, bestMasks, schedule }: StoredSnapshot,
  parameters: Iterable<Parameter>,
): Snapshot | undefined {
  const known = new Map([...parameters].map((parameter) => [parameter.name, parameter]));
  let complete = true;
  const ownOf = <Values extends { readonly length: number }>(named: Named<Values>) => {
    const own = new Map<Parameter, Values>();
    for (const [name, values] of named) {
      const parameter = known.get(name);
      if (parameter && sizeOf(parameter.shape) === values.length) own.set(parameter, values);
      else complete = false;
    }
    return own;
  };
  const snapshot: Snapshot = {
    state,
    epochs,
    before,
    firstLoss,
    best: ownOf(best),
    ...(bestMasks && { bestMasks: ownOf(bestMasks) }),
    ...(schedule && {
      schedule: {
        masks: ownOf(schedule.masks),
        ...(schedule.movement && { movement: ownOf(schedule.movement) }),
        updates: schedule.updates,
      },
    }),
  };
  return complete ? snapshot : undefined;
}

/** Whether a session whose state is `present` can take up the state of a snapshot; its masks must be those of the snapshot. */
export function fits({ state }: Snapshot, present: TrainingState): boolean {
  return (
    state.tensors.length === present.tensors.length &&
    state.tensors.every(({ length }, i) => length === present.tensors[i].length)
  );
}
