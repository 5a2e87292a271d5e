import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScheduleOptions } from '../../extension/protocol/recipe.ts';
import { scheduleOf } from '../../extension/pruning/schedule/scheduleOf.ts';
import { runPython } from './environment.ts';

interface Case {
  readonly options: ScheduleOptions;
  readonly final: number;
  readonly steps: readonly (readonly [due: boolean, sparsity: number])[];
}

test('constant and polynomial ask for what tfmot’s schedules do, step by step', async () => {
  const cases = JSON.parse(await runPython('schedules.py', [])) as Case[];
  assert.equal(cases.length, 6);
  for (const { options, final, steps } of cases) {
    const schedule = scheduleOf(options, { epochs: 4, stepsPerEpoch: steps.length / 4 });
    assert.ok(schedule);
    const differing: number[] = [];
    let changes = 0;
    for (const [step, [due, sparsity]] of steps.entries()) {
      if (schedule.changesAt(step) !== due) differing.push(step);
      if (!due) continue;
      changes++;
      const share = schedule.share(step, 0, final);
      assert.ok(Math.abs(share - sparsity) < 1e-12, `${JSON.stringify(options)} at ${step}: ${share}`);
    }
    assert.ok(changes > 2);
    // One more change where the frequency passes over the end, so that the target is met.
    const { begin = 0, end = 0, frequency = 1 } = options;
    assert.deepEqual(differing, (end - begin) % frequency === 0 ? [] : [end]);
  }
});
