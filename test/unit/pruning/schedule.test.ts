import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RewindName, ScheduleOptions } from '../../../extension/protocol/recipe.ts';
import type { Schedule, Timeline } from '../../../extension/pruning/schedule/schedule.ts';
import { completeSchedule, scheduleOf } from '../../../extension/pruning/schedule/scheduleOf.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

/** 8 epochs of 10 steps. */
const timeline: Timeline = { epochs: 8, stepsPerEpoch: 10 };

function made(options: ScheduleOptions, of: Timeline = timeline): Schedule {
  const schedule = scheduleOf(options, of);
  assert.ok(schedule);
  return schedule;
}

/** Steps at which masks change. */
function changes(schedule: Schedule, { epochs, stepsPerEpoch }: Timeline = timeline): number[] {
  const steps = Array.from({ length: epochs * stepsPerEpoch + 1 }, (_, step) => step);
  return steps.filter((step) => schedule.changesAt(step));
}

function assertNear(found: readonly number[], expected: readonly number[]): void {
  assert.equal(found.length, expected.length);
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(found[i] - value) < 1e-12, `${found[i]}`);
}

test('oneshot changes nothing in a training', () => {
  assert.equal(scheduleOf({}, timeline), undefined);
  assert.deepEqual(completeSchedule({}, timeline), { schedule: 'oneshot' });
});

test('polynomial: a cubic ramp from what is asked for to the target, and nothing behind it', () => {
  const ramp = made({ schedule: 'polynomial', initialSparsity: 0.2, begin: 4, end: 14, frequency: 5 });
  assert.deepEqual(changes(ramp), [4, 9, 14]);
  // 0.8 + (0.2 − 0.8) · (1 − 0.5)³
  assertNear(
    [4, 9, 14].map((step) => ramp.share(step, 0, 0.8)),
    [0.2, 0.725, 0.8],
  );
  assert.equal(ramp.settled, 14);
});

test('polynomial: an exponent of 1 is a straight line', () => {
  const ramp = made({ schedule: 'polynomial', begin: 0, end: 4, frequency: 1, power: 1 });
  assertNear(
    changes(ramp).map((step) => ramp.share(step, 0, 0.6)),
    [0, 0.15, 0.3, 0.45, 0.6],
  );
});

test('a ramp begins at what is zero already, and never above its own target', () => {
  const ramp = made({ schedule: 'polynomial', initialSparsity: 0.3, begin: 0, end: 4, frequency: 4 });
  assertNear(
    [ramp.share(0, 0.5, 0.9), ramp.share(0, 0.1, 0.9), ramp.share(0, 0, 0.2), ramp.share(4, 0, 0.2)],
    [0.5, 0.3, 0.2, 0.2],
  );
});

test('a ramp ends in a change although the frequency passes over it', () => {
  const ramp = made({ schedule: 'polynomial', begin: 0, end: 10, frequency: 4 });
  assert.deepEqual(changes(ramp), [0, 4, 8, 10]);
  assert.equal(ramp.share(10, 0, 0.9), 0.9);
});

test('unasked, a ramp takes the first half of the steps in at least twenty changes, or a change a step', () => {
  assert.deepEqual(completeSchedule({ schedule: 'polynomial' }, timeline), {
    schedule: 'polynomial',
    begin: 0,
    end: 40,
    frequency: 2,
    power: 3,
  });
  const ends = (options: ScheduleOptions, epochs: number, stepsPerEpoch: number) => {
    const { begin, end, frequency } = completeSchedule(options, { epochs, stepsPerEpoch });
    return [begin, end, frequency];
  };
  assert.deepEqual(ends({ schedule: 'polynomial' }, 10, 1000), [0, 5000, 100]);
  assert.deepEqual(ends({ schedule: 'polynomial', begin: 40 }, 8, 10), [40, 60, 1]);
  assert.deepEqual(ends({ schedule: 'polynomial' }, 1, 1), [0, 0, 1]);
  assert.deepEqual(ends({ schedule: 'constant', begin: 3, end: 50 }, 8, 10), [3, 50, 2]);
});

test('a training of one step has all pruned before it', () => {
  const short = { epochs: 1, stepsPerEpoch: 1 };
  const ramp = made({ schedule: 'polynomial' }, short);
  assert.ok(ramp.changesAt(0));
  assert.equal(ramp.share(0, 0, 0.9), 0.9);
});

test('constant: all of it from the first change on', () => {
  const schedule = made({ schedule: 'constant', begin: 5, end: 9, frequency: 2 });
  assert.deepEqual(changes(schedule), [5, 7, 9]);
  assert.equal(schedule.share(5, 0, 0.7), 0.7);
  assert.equal(schedule.settled, 5);
});

test('iterative: every round takes the same share of what is left', () => {
  const rounds = made({ schedule: 'iterative', rounds: 3 });
  // Epochs 0, 2 and 5 of 8.
  assert.deepEqual(changes(rounds), [0, 20, 50]);
  const left = changes(rounds).map((step) => 1 - rounds.share(step, 0, 0.875));
  assertNear(left, [0.5, 0.25, 0.125]);
  const from = changes(rounds).map((step) => 1 - rounds.share(step, 0.5, 0.9375));
  assertNear(from, [0.25, 0.125, 0.0625]);
  assert.equal(rounds.settled, 50);
});

test('iterative: the last round is at the target itself, though a power of it may not be', () => {
  for (const sparsity of [0.9, 0.95, 1, 0]) {
    assert.equal(made({ schedule: 'iterative', rounds: 5 }).share(79, 0, sparsity), sparsity);
  }
});

test('iterative: rewinding restarts the learning rate in each round, and the weights where asked', () => {
  const spans = (rewind: RewindName) => {
    const schedule = made({ schedule: 'iterative', rounds: 3, rewind });
    return [19, 20, 79].map((step) => schedule.rateSpan?.(step));
  };
  const each = [
    { first: 0, steps: 20 },
    { first: 20, steps: 30 },
    { first: 50, steps: 30 },
  ];
  assert.deepEqual(spans('none'), [undefined, undefined, undefined]);
  assert.deepEqual(spans('rate'), each);
  assert.deepEqual(spans('weights'), each);
  const rewindsWeights = (['none', 'rate', 'weights'] as const).map(
    (rewind) => made({ schedule: 'iterative', rewind }).rewindsWeights,
  );
  assert.deepEqual(rewindsWeights, [undefined, undefined, true]);
});

test('iterative: there are five rounds, or as many as epochs', () => {
  const roundsOf = (epochs: number) =>
    completeSchedule({ schedule: 'iterative' }, { epochs, stepsPerEpoch: 4 }).rounds;
  assert.deepEqual([roundsOf(20), roundsOf(3)], [5, 3]);
});

test('rigl: what is exchanged falls by half a cosine, from the change after the first to none at the end', () => {
  const schedule = made({ schedule: 'rigl', begin: 10, end: 30, frequency: 5, dropFraction: 0.4 });
  assert.deepEqual(changes(schedule), [10, 15, 20, 25, 30]);
  const exchanged = changes(schedule).map((step) => schedule.exchanged?.(step) ?? -1);
  const cosine = (done: number) => 0.2 * (1 + Math.cos(Math.PI * done));
  assertNear(exchanged, [0, cosine(0.25), 0.2, cosine(0.75), 0]);
  // All that is to go is gone from the start.
  assert.deepEqual([schedule.share(10, 0, 0.9), schedule.settled], [0.9, 10]);
});

test('rigl: from a lower initial sparsity the share rises like that of a ramp', () => {
  const turns = { initialSparsity: 0.5, begin: 0, end: 40, frequency: 10 } as const;
  const [gradual, ramp] = [made({ schedule: 'rigl', ...turns }), made({ schedule: 'polynomial', ...turns })];
  assert.deepEqual(
    changes(gradual).map((step) => gradual.share(step, 0, 0.9)),
    changes(ramp).map((step) => ramp.share(step, 0, 0.9)),
  );
  assert.equal(gradual.settled, 40);
});

test('rigl: unasked, three quarters of the steps have exchanges of 0.3 at first', () => {
  assert.deepEqual(completeSchedule({ schedule: 'rigl' }, timeline), {
    schedule: 'rigl',
    begin: 0,
    end: 60,
    frequency: 3,
    dropFraction: 0.3,
  });
});

test('epoch: a share more at every epoch’s end, and the target with one epoch to come', () => {
  const schedule = made({ schedule: 'epoch' }, { epochs: 4, stepsPerEpoch: 10 });
  assert.ok(schedule.atEpochEnds);
  assert.deepEqual(changes(schedule, { epochs: 4, stepsPerEpoch: 10 }), [10, 20, 30, 40]);
  assertNear(
    [10, 20, 30, 40].map((step) => schedule.share(step, 0, 0.9)),
    [0.3, 0.6, 0.9, 0.9],
  );
  assert.deepEqual([schedule.begins, schedule.settled], [10, 30]);
  const single = made({ schedule: 'epoch' }, { epochs: 1, stepsPerEpoch: 10 });
  assert.deepEqual([single.share(10, 0, 0.9), single.settled], [0.9, 10]);
});

test('what lies behind the last step is refused with the steps that there are', async () => {
  const wrong: [ScheduleOptions, string][] = [
    [{ schedule: 'polynomial', end: 80 }, 'end is 80; expected a whole number from 0 to 79'],
    [{ schedule: 'rigl', begin: 80 }, 'begin is 80; expected a whole number from 0 to 79'],
  ];
  for (const [options, text] of wrong)
    await assertRefuses(() => completeSchedule(options, timeline), 'invalidValue', text);
  assert.equal(completeSchedule({ schedule: 'constant', end: 79 }, timeline).end, 79);
});

test('what is filled in gives the same schedule again', () => {
  for (const schedule of ['constant', 'polynomial', 'iterative', 'rigl', 'epoch'] as const) {
    const complete = completeSchedule(
      { schedule, ...(schedule === 'rigl' && { initialSparsity: 0.1 }) },
      timeline,
    );
    assert.deepEqual(completeSchedule(complete, timeline), complete);
  }
});
