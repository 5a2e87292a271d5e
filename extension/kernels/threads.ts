import { ARRIVED, FAILED, OPENED, PENDING, SLEEPING, SPINS, TASK } from './control';

/** A sleeping thread looks around this often, nanoseconds. */
const GLANCE: i64 = 100_000_000;

/** Sleeps unless the word at `address` differs from `seen`; true when the glance is over. */
function sleep(address: usize, seen: i32): bool {
  // Announced first: whoever changes the word after that wakes us.
  atomic.add<i32>(SLEEPING, 1);
  const result = atomic.wait<i32>(address, seen, GLANCE);
  atomic.sub<i32>(SLEEPING, 1);
  // 0 = woken, 1 = the word differs, 2 = timed out
  return result === 2;
}

/** Wakes those who sleep at a word that has been changed. To ask costs nothing; to wake takes microseconds. */
function wake(address: usize, count: i32): void {
  if (atomic.load<i32>(SLEEPING) !== 0) atomic.notify(address, count);
}

/**
 * Waits until the word at `address` differs from `seen`: reads it for a while, then sleeps. Wakes up without a change
 * where another thread has failed, and after `glances` tenths of a second; 0 = never.
 */
function awaitChange(address: usize, seen: i32, glances: i32): bool {
  for (let spin = atomic.load<i32>(SPINS); spin > 0; spin--) {
    if (atomic.load<i32>(address) !== seen) return true;
  }
  let left = glances;
  while (atomic.load<i32>(address) === seen) {
    if (address !== TASK && atomic.load<i32>(FAILED) !== 0) return false;
    if (sleep(address, seen) && glances > 0 && --left === 0) return false;
  }
  return true;
}

/** As long as a thread waits before it sleeps, so that it can be measured. */
export function spin(): void {
  const word = atomic.load<i32>(OPENED);
  for (let spin = atomic.load<i32>(SPINS); spin > 0; spin--) {
    if (atomic.load<i32>(OPENED) !== word) return;
  }
}

/** Number of the latest task. */
export function latestTask(): i32 {
  return atomic.load<i32>(TASK);
}

/** A worker waits for a task other than `seen`, for as long as it takes; its number. */
export function awaitTask(seen: i32): i32 {
  awaitChange(TASK, seen, 0);
  return atomic.load<i32>(TASK);
}

/** The calling thread publishes a task, which is described by then, to so many workers. */
export function publishTask(workers: i32): void {
  atomic.store<i32>(PENDING, workers);
  atomic.add<i32>(TASK, 1);
  wake(TASK, workers);
}

/** A worker has done its share. */
export function finishTask(): void {
  if (atomic.sub<i32>(PENDING, 1) === 1) wake(PENDING, 1);
}

/** The calling thread waits until every worker has finished; false after `glances` tenths of a second. */
export function awaitWorkers(glances: i32): bool {
  let left = glances;
  for (let spin = atomic.load<i32>(SPINS); spin > 0; spin--) {
    if (atomic.load<i32>(PENDING) === 0) return true;
  }
  let pending = atomic.load<i32>(PENDING);
  while (pending !== 0) {
    if (sleep(PENDING, pending) && --left === 0) return false;
    pending = atomic.load<i32>(PENDING);
  }
  return true;
}

/** Makes everybody who waits at the barrier fail too. */
export function fail(): void {
  atomic.store<i32>(FAILED, 1);
  wake(OPENED, -1);
}

/** Whether a thread has failed in the latest task. */
export function hasFailed(): bool {
  return atomic.load<i32>(FAILED) !== 0;
}

/** After a failure, when no worker is at work any more. */
export function resetBarrier(): void {
  atomic.store<i32>(ARRIVED, 0);
  atomic.store<i32>(FAILED, 0);
}

/**
 * Inside a kernel: waits until all of the task's threads have come. What they wrote before it, all can read after it.
 * Traps where another thread has failed, or has not come for ten minutes.
 */
export function barrier(threads: i32): void {
  if (threads === 1) return;
  const opened = atomic.load<i32>(OPENED);
  if (atomic.add<i32>(ARRIVED, 1) === threads - 1) {
    atomic.store<i32>(ARRIVED, 0);
    atomic.add<i32>(OPENED, 1);
    wake(OPENED, -1);
  } else if (!awaitChange(OPENED, opened, 6000)) {
    unreachable();
  }
}

/** For tests: passes the barrier so many times; a thread that `failing` names traps before the last. */
export function meet(times: i32, failing: i32, thread: i32, threads: i32): void {
  for (let i = 1; i <= times; i++) {
    if (i === times && thread === failing) unreachable();
    barrier(threads);
  }
}
