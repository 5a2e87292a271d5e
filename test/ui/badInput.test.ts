import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, truncate, utimes, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openWorkbench } from '../support/workbench.ts';

describe('what goes wrong', () => {
  const workbench = openWorkbench();

  it('is said in one notification: a file that is no model', async () => {
    const window = workbench();
    const names = ['noise.h5', 'noise.hdf5', 'noise.keras'];
    for (const name of names) await writeFile(window.path(name), randomBytes(5000));
    await window.runCommand('Refresh Explorer');
    for (const name of names) {
      await window.contextMenu(await window.reveal(name), 'Show Gates');
      await window.notification(new RegExp(`${name} is damaged or incomplete`));
    }
  });

  it('is said for a model that was cut off, and the file is left alone', async () => {
    const window = workbench();
    const path = window.path('cut.keras');
    await writeFile(path, await readFile(window.path('reber/reber.keras')));
    await truncate(path, 20_000);
    await window.runCommand('Refresh Explorer');
    await window.contextMenu(await window.reveal('cut.keras'), 'Prune LSTM');
    await window.acceptDefault(/How many of the weights/);
    await window.acceptDefault(/Over what do the weights compete/);
    await window.pick('No data');
    await window.notification(/cut\.keras is damaged or incomplete/);
    assert.equal((await readFile(path)).length, 20_000);
  });

  it('leaves nothing behind when the background process is killed, which starts again', async () => {
    const window = workbench();
    const before = await readdir(window.path('reber'));
    let killed = 0;
    await withFrozenBackground(window, async (pid) => {
      await startPrune(window);
      process.kill(pid, 'SIGKILL');
      killed = pid;
      await window.notification(/^The background process ended unexpectedly/);
    });
    assert.deepEqual(await readdir(window.path('reber')), before);
    assert.notEqual(await wakeBackground(window), killed);
  });

  it('leaves nothing behind when a prune is cancelled', async () => {
    const window = workbench();
    const before = await readdir(window.path('reber'));
    await withFrozenBackground(window, async (pid) => {
      await startPrune(window);
      await window.page
        .locator('.notification-list-item')
        .getByRole('button', { name: 'Cancel' })
        .first()
        .click();
      process.kill(pid, 'SIGCONT');
      await window.notification(/^Cancelled\. Nothing was written/);
    });
    assert.deepEqual(await readdir(window.path('reber')), before);
  });
});

type Window = ReturnType<ReturnType<typeof openWorkbench>>;

async function startPrune(window: Window): Promise<void> {
  await window.contextMenu(await window.reveal('reber/reber.keras'), 'Prune LSTM');
  await window.acceptDefault(/How many of the weights/);
  await window.acceptDefault(/Over what do the weights compete/);
  await window.pick('reber.npz');
  await window.pick('No fine-tuning');
  await window.page.locator('.notification-list-item', { hasText: 'Pruning reber.keras' }).first().waitFor();
}

/** Stops the background process for a while, so that a job is surely under way when something happens to it. */
async function withFrozenBackground(window: Window, work: (pid: number) => Promise<void>): Promise<void> {
  const pid = await wakeBackground(window);
  process.kill(pid, 'SIGSTOP');
  try {
    await work(pid);
  } finally {
    // Gone already where it was killed.
    if (window.backgroundProcesses().includes(pid)) process.kill(pid, 'SIGCONT');
  }
}

/** Has the background process read a model, and returns its id. */
async function wakeBackground(window: Window): Promise<number> {
  // A file that has changed is read anew.
  const now = new Date();
  await utimes(window.path('reber/reber.keras'), now, now);
  await window.contextMenu(await window.reveal('reber/reber.keras'), 'Show Gates');
  for (let attempt = 0; attempt < 100 && window.backgroundProcesses().length === 0; attempt++)
    await sleep(100);
  await window.page.getByText('Reading reber.keras').waitFor({ state: 'hidden' });
  const [pid, ...others] = window.backgroundProcesses();
  assert.ok(pid, 'there is no background process');
  assert.deepEqual(others, [], 'there is more than one background process');
  return pid;
}
