import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallClock } from '../../../bench/workers/callClock.ts';

class Machine {
  readonly done: string[] = [];
  run(name: string, ms: number): string {
    const end = performance.now() + ms;
    this.call(name);
    while (performance.now() < end);
    return `${name} ran`;
  }
  call(name: string): void {
    this.done.push(name);
  }
}

test('a clock adds up the time in calls by their names, a call within a call once', () => {
  const machine = new Machine();
  const clock = new CallClock(machine, { run: (name) => String(name), call: () => 'calls' });
  assert.equal(machine.run('a', 12), 'a ran');
  machine.run('b', 4);
  machine.run('b', 4);
  const times = clock.stop();
  assert.deepEqual([...times.keys()], ['a', 'b']);
  assert.ok((times.get('a') ?? 0) >= 12 && (times.get('b') ?? 0) >= 8);
});

test('a stopped clock is gone: the object is as before', () => {
  const plain = { run: () => 'plain' };
  const { run } = plain;
  for (const target of [new Machine(), plain]) {
    const before = target.run;
    const clock = new CallClock(target, { run: () => 'run' });
    assert.notEqual(target.run, before);
    clock.stop();
    assert.equal(target.run, before);
  }
  assert.equal(plain.run, run);
  assert.deepEqual(Object.keys(new Machine()), ['done']);
});
