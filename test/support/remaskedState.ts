import { momentCount } from '../../extension/engine/reference/optimizer.ts';
import type { TrainingState } from '../../extension/engine/session.ts';
import type { OptimizerSettings } from '../../extension/model/optimizer.ts';

/**
 * The state that a session is to have after its masks have changed.
 * @param initial of that session before its first step, none of whose kept weights is 0
 * @param before of the session just before the change
 * @param fresh of a session that was made with the new masks
 */
export function remaskedState(
  settings: OptimizerSettings,
  initial: TrainingState,
  before: TrainingState,
  fresh: TrainingState,
): TrainingState {
  const each = momentCount(settings);
  const count = initial.tensors.length / (1 + each);
  const tensors = fresh.tensors.map((tensor, i) => {
    const weight = i < count ? i : Math.floor((i - count) / each);
    // A weight comes whole, a moment perhaps only where its weight was kept.
    const [kept, keeps] = [initial, fresh].map(({ tensors: of }) => of[weight].map((v) => (v === 0 ? 0 : 1)));
    const present = spread(before.tensors[i], kept);
    const next = present.map((value, at) => (keeps[at] === 0 ? 0 : value));
    return tensor.length === next.length ? next : next.filter((_, at) => keeps[at] !== 0);
  });
  return { iterations: before.iterations, tensors };
}

/** Values of the kept places as values of all places; those of all places as they are. */
function spread(values: Float32Array, kept: Float32Array): Float32Array {
  if (values.length === kept.length) return values;
  let at = 0;
  return kept.map((one) => (one === 0 ? 0 : values[at++]));
}
