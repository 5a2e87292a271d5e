import assert from 'node:assert/strict';

/** Makes a check that fails if this process has computed for longer than `milliseconds` since; what else the machine does adds nothing. */
export function processorLimit(milliseconds: number): () => void {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    const spent = (user + system) / 1000;
    assert.ok(spent < milliseconds, `${spent} ms`);
  };
}
