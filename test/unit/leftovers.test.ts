import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { removeLeftovers, sweepLeftovers } from '../../extension/protocol/leftovers.ts';
import { scratchPrefix, temporaryName } from '../../extension/protocol/temporaryNames.ts';

/** The id of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  assert.ok(child.pid);
  return child.pid;
}

describe('what a killed process leaves', () => {
  let folder: string;
  let scratches: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lstm-pruner-test-'));
    scratches = [];
  });
  afterEach(async () => {
    for (const path of [folder, ...scratches]) await rm(path, { recursive: true, force: true });
  });

  async function scratchOf(pid: number): Promise<string> {
    const path = join(tmpdir(), `${scratchPrefix(pid)}abc`);
    scratches.push(path);
    await mkdir(path);
    await writeFile(join(path, 'weights.h5'), '');
    return path;
  }

  async function write(...names: string[]): Promise<void> {
    for (const name of names) await writeFile(join(folder, name), '');
  }

  it('is removed by its process id, and nothing else is', async () => {
    const pid = await endedProcess();
    const others = [temporaryName('m.pruned.h5', pid + 1), 'm.pruned.h5', `notes.${pid}.tmp`];
    await write(temporaryName('m.pruned.h5', pid), ...others);
    const scratch = await scratchOf(pid);
    await removeLeftovers(pid, [folder, join(folder, 'gone')]);
    assert.deepEqual((await readdir(folder)).sort(), others.toSorted());
    assert.equal(existsSync(scratch), false);
  });

  it('is swept whoever it was, but not what a process that runs is writing', async () => {
    const pid = await endedProcess();
    const kept = [temporaryName('m.pruned.h5', process.pid), 'm.pruned.h5', '.notes.tmp'];
    await write(temporaryName('m.pruned.h5', pid), temporaryName('other.keras', pid), ...kept);
    const [left, running] = [await scratchOf(pid), await scratchOf(process.pid)];
    await sweepLeftovers(folder);
    assert.deepEqual((await readdir(folder)).sort(), kept.toSorted());
    assert.deepEqual([existsSync(left), existsSync(running)], [false, true]);
  });

  it('stays where it is of another machine, whose processes cannot be seen from here', async () => {
    const pid = await endedProcess();
    const elsewhere = temporaryName('m.pruned.h5', pid).replace(/[0-9a-f]{8}-(\d+)-/, '00c0ffee-$1-');
    await write(elsewhere, `.m.pruned.h5.${pid}-abc.tmp`);
    await sweepLeftovers(folder);
    assert.equal((await readdir(folder)).length, 2);
  });
});
