import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engine } from '../../extension/engine/engine.ts';
import { roundHalfToEven } from '../../extension/model/roundHalfToEven.ts';
import type { Recipe } from '../../extension/protocol/recipe.ts';
import { countBelow } from '../../extension/pruning/criteria/threshold.ts';
import { type PlannedSet, parametersOf } from '../../extension/pruning/plan.ts';
import { scheduleOf } from '../../extension/pruning/schedule/scheduleOf.ts';
import { finetune } from '../../extension/training/finetune.ts';
import { type ScheduledTask, scheduledTask, timeline } from './scheduledTraining.ts';

/** A training of 30 steps each. */
const recipes: readonly Recipe[] = [
  { schedule: 'constant', sparsity: 0.7, begin: 4 },
  { schedule: 'polynomial', sparsity: 0.8 },
  { schedule: 'polynomial', sparsity: 0.8, initialSparsity: 0.3, begin: 3, end: 21, frequency: 4, power: 2 },
  { schedule: 'polynomial', sparsity: 0.8, granularity: 'block', block: '2x2', scope: 'matrix' },
  { schedule: 'polynomial', sparsity: 0.6, granularity: 'unit' },
  { schedule: 'polynomial', sparsity: 0.7, criterion: 'movement' },
  { schedule: 'polynomial', sparsity: 0.7, criterion: 'taylor', frequency: 5 },
  { schedule: 'iterative', sparsity: 0.8, rounds: 3 },
  { schedule: 'iterative', sparsity: 0.8, rounds: 3, rewind: 'weights', decay: 'linear' },
  { schedule: 'iterative', sparsity: 0.8, criterion: 'fisher', rounds: 2, rewind: 'rate', decay: 'linear' },
  { schedule: 'epoch', sparsity: 0.8 },
];

/** What every engine must do where a schedule changes the masks of a training. */
export function scheduleTable(open: () => Promise<Engine>): void {
  for (const recipe of recipes) {
    test(`${JSON.stringify(recipe)}: as much is gone as is due at every step, and nothing comes back`, async () => {
      const scheduled = await scheduledTask(open, recipe);
      const { plan, task } = scheduled;
      const schedule = scheduleOf(recipe, timeline);
      assert.ok(schedule);
      const gone: number[][] = [];
      await watched(scheduled, () => gone.push(plan.sets.map((set) => flagsOf(set).length - kept(set))));
      const ends = (step: number) => (schedule.atEpochEnds ? step % timeline.stepsPerEpoch === 0 : true);
      let due = plan.sets.map(() => 0);
      for (const [step, found] of gone.entries()) {
        if (schedule.changesAt(step) && ends(step)) {
          due = plan.sets.map((set) => {
            const final = 'sparsity' in set.target ? set.target.sparsity : 0;
            return roundHalfToEven(schedule.share(step, 0, final) * flagsOf(set).length);
          });
        }
        assert.deepEqual(found, due, `after step ${step}`);
      }
      assert.ok(due.every((count) => count > 0));
      await task.session.dispose();
    });
  }

  test('of an N:M pattern every bank loses its weights one after the other', async () => {
    const recipe: Recipe = { schedule: 'polynomial', granularity: 'n:m', pattern: '2:4' };
    const scheduled = await scheduledTask(open, recipe);
    const seen = new Set<number>();
    const wide = scheduled.plan.sets
      .flatMap(({ members }) => members)
      .filter(({ view }) => view.columns === 8);
    await watched(scheduled, () => {
      for (const { view } of wide) {
        const flags = valuesOf(view, view.parameter.mask);
        for (let from = 0; from < flags.length; from += 4)
          seen.add(flags.slice(from, from + 4).reduce((sum, flag) => sum + flag, 0));
      }
    });
    assert.deepEqual([...seen].sort(), [2, 3, 4]);
    for (const set of scheduled.plan.sets) assert.equal(kept(set), flagsOf(set).length / 2);
    await scheduled.task.session.dispose();
  });

  test('a threshold is taken anew at every epoch’s end', async () => {
    const scheduled = await scheduledTask(open, { schedule: 'epoch', criterion: 'threshold', k: 0.5 });
    const { plan, task } = scheduled;
    const { afterEpoch } = scheduled.scheduled.masks;
    let epochs = 0;
    scheduled.scheduled.masks.afterEpoch = async (epoch) => {
      const weights = await task.session.weights();
      const expected = plan.sets.map((set) => {
        const values = set.members.flatMap(({ view }) => valuesOf(view, weights.get(view.parameter)));
        const [scores, none] = [Float32Array.from(values, Math.abs), new Map<number, number>()];
        const zeros = scores.filter((score) => score === 0).length;
        return scores.length - Math.max(zeros, countBelow(scores, 0.5, none));
      });
      const change = await afterEpoch.call(scheduled.scheduled.masks, epoch);
      assert.deepEqual(plan.sets.map(kept), expected);
      epochs++;
      return change;
    };
    await watched(scheduled);
    assert.equal(epochs, timeline.epochs);
    await task.session.dispose();
  });

  for (const recipe of [
    { schedule: 'rigl', sparsity: 0.7, frequency: 3 },
    { schedule: 'rigl', sparsity: 0.7, granularity: 'row', frequency: 3 },
    { schedule: 'rigl', sparsity: 0.8, initialSparsity: 0.4, frequency: 3 },
  ] as const satisfies Recipe[]) {
    test(`${JSON.stringify(recipe)}: as many are kept as is due, and others come for some of them`, async () => {
      const scheduled = await scheduledTask(open, recipe);
      const { plan, task } = scheduled;
      const schedule = scheduleOf(recipe, timeline);
      assert.ok(schedule);
      let [step, due] = [0, 0];
      const masks = new Set<string>();
      const [set] = plan.sets;
      await watched(scheduled, () => {
        if (schedule.changesAt(step))
          due = roundHalfToEven(schedule.share(step, 0, recipe.sparsity) * flagsOf(set).length);
        assert.equal(flagsOf(set).length - kept(set), due, `after step ${step}`);
        masks.add(String(flagsOf(set)));
        step++;
      });
      const { updates, lastStep, regrown } = scheduled.scheduled.masks.state().updates;
      assert.ok(regrown > 0 && masks.size > 2, `${regrown} came back in ${masks.size} masks`);
      assert.ok(updates >= masks.size);
      assert.ok(lastStep <= schedule.settled || lastStep < 30);
      await task.session.dispose();
    });
  }

  test('movement: what the training so far moved towards zero goes first', async () => {
    const recipe: Recipe = { schedule: 'polynomial', sparsity: 0.5, criterion: 'movement', begin: 7, end: 7 };
    const { plan, task } = await scheduledTask(open, recipe);
    const { session } = task;
    const [set] = plan.sets;
    const movement = flagsOf(set).map(() => 0);
    let steps = 0;
    const step: typeof session.step = async (...args) => {
      if (++steps === 8) {
        const order = [...movement.keys()].sort((a, b) => movement[a] - movement[b]);
        const expected = new Set(order.slice(0, movement.length / 2));
        assert.deepEqual(new Set([...movement.keys()].filter((i) => flagsOf(set)[i] === 0)), expected);
      }
      const { gradients } = await session.gradients(args[0]);
      const weights = await session.weights();
      const inRow = (of: typeof weights | typeof gradients) =>
        set.members.flatMap(({ view }) => valuesOf(view, of.get(view.parameter)));
      const [w, g] = [inRow(weights), inRow(gradients)];
      for (const i of movement.keys()) movement[i] = Math.fround(movement[i] - w[i] * g[i]);
      return session.step(...args);
    };
    await finetune({ ...task, session: { ...session, step } }, { sparsity: () => 0, step: async () => {} });
    assert.equal(steps, 30);
    await session.dispose();
  });

  test('rewound weights begin with the file’s values and no moments, those of the rest of the model too', async () => {
    const recipe: Recipe = { schedule: 'iterative', sparsity: 0.8, rounds: 3, rewind: 'weights' };
    const { model, task, scheduled } = await scheduledTask(open, recipe);
    let rewound = 0;
    const { session } = task;
    const step: typeof session.step = async (...args) => {
      const first = rewound * 2 * timeline.stepsPerEpoch;
      if (steps === first) {
        rewound++;
        const [weights, { iterations }] = [await session.weights(), await session.state()];
        assert.equal(iterations, 0);
        for (const parameter of model.parameters) {
          const expected = parameter.values.map((value, i) => (parameter.mask?.[i] === 0 ? 0 : value));
          assert.deepEqual(weights.get(parameter), expected);
        }
      }
      steps++;
      return session.step(...args);
    };
    let steps = 0;
    await finetune({ ...task, session: { ...session, step } }, { sparsity: () => 0, step: async () => {} });
    assert.deepEqual([steps, rewound], [30, 3]);
    assert.equal(scheduled.masks.state().updates.lastStep, 20);
    await session.dispose();
  });
}

/**
 * Trains, and looks after every step: masked weights are 0 and nothing else of the engine remembers them; masks only grow but for rigl.
 */
async function watched({ plan, task }: ScheduledTask, look: () => void = () => {}): Promise<void> {
  const { session } = task;
  const parameters = [...parametersOf(plan)];
  const before = new Map<(typeof parameters)[number], Uint8Array>();
  const step: typeof session.step = async (...args) => {
    const result = await session.step(...args);
    const weights = await session.weights();
    let all = [...weights.values()].reduce((sum, { length }) => sum + length, 0);
    for (const parameter of parameters) {
      const [values, mask, old] = [weights.get(parameter), parameter.mask, before.get(parameter)];
      assert.ok(values && mask);
      for (const [i, keep] of mask.entries()) {
        if (keep === 0) assert.ok(Object.is(values[i], 0));
        if (old?.[i] === 0 && plan.recipe.schedule !== 'rigl') assert.equal(keep, 0);
        if (keep === 0) all--;
      }
      before.set(parameter, mask);
    }
    const { tensors } = await session.state();
    const moments = tensors.slice(weights.size).map((moment) => moment.filter((value) => value !== 0).length);
    // Two of each weight.
    assert.ok(moments.reduce((sum, count) => sum + count, 0) <= 2 * all);
    look();
    return result;
  };
  await finetune({ ...task, session: { ...session, step } }, { sparsity: () => 0, step: async () => {} });
}

/** Which weights of a set are kept, or which groups: those of which any weight is. */
function flagsOf({ members, grouping }: PlannedSet): number[] {
  if (!grouping) return members.flatMap(({ view }) => valuesOf(view, view.parameter.mask));
  const flags = Array.from({ length: grouping.count }, () => 0);
  for (const { view, rows, columns, scored } of grouping.parts) {
    if (!scored) continue;
    for (const [i, keep] of valuesOf(view, view.parameter.mask).entries())
      if (keep === 1) flags[rows[Math.floor(i / view.columns)] + columns[i % view.columns]] = 1;
  }
  return flags;
}

function kept(set: PlannedSet): number {
  return flagsOf(set).reduce((sum, flag) => sum + flag, 0);
}

function valuesOf(
  { rows, columns, offset, rowStride, columnStride }: PlannedSet['members'][number]['view'],
  values: ArrayLike<number> = [],
): number[] {
  const own: number[] = [];
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) own.push(values[offset + r * rowStride + c * columnStride]);
  return own;
}
