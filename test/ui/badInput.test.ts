import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { openWorkbench } from '../support/workbench.ts';

describe('what goes wrong', () => {
  const workbench = openWorkbench();

  it('is said in one notification: a file that is no model', async () => {
    const window = workbench();
    for (const name of ['noise.h5', 'noise.hdf5', 'noise.keras']) {
      await writeFile(window.path(name), randomBytes(5000));
      await window.contextMenu(await window.reveal(name), 'Show Gates');
      await window.notification(new RegExp(`^${name} is `));
    }
  });

  it('is said for a model that was cut off, and the file is left alone', async () => {
    const window = workbench();
    const path = window.path('cut.keras');
    await writeFile(path, await readFile(window.path('reber/reber.keras')));
    await truncate(path, 20_000);
    await window.contextMenu(await window.reveal('cut.keras'), 'Prune LSTM');
    await window.acceptDefault(/How many of the weights/);
    await window.acceptDefault(/Over what do the weights compete/);
    await window.pick('No data');
    await window.notification(/^cut\.keras is damaged or incomplete/);
    assert.equal((await readFile(path)).length, 20_000);
  });

  it('leaves nothing behind when the background process is killed, which starts again', async () => {
    const window = workbench();
    const before = await readdir(window.path('reber'));
    await withFrozenBackground(window, async (pid) => {
      await startPrune(window);
      process.kill(pid, 'SIGKILL');
      await window.notification(/^The background process ended unexpectedly/);
    });
    assert.deepEqual(await readdir(window.path('reber')), before);
    await window.contextMenu(await window.reveal('reber/reber.keras'), 'Show Gates');
    await window.panel.getByRole('heading', { name: 'reber.keras' }).waitFor();
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
  await window.page.locator('.notification-list-item', { hasText: 'Pruning reber.keras' }).first().waitFor();
}

/** Stops the background process for a while, so that a job is surely under way when something happens to it. */
async function withFrozenBackground(window: Window, work: (pid: number) => Promise<void>): Promise<void> {
  await window.contextMenu(await window.reveal('reber/reber.keras'), 'Show Gates');
  await window.panel.getByRole('heading', { name: 'reber.keras' }).waitFor();
  const [pid, ...others] = window.backgroundProcesses();
  assert.deepEqual(others, [], 'there is more than one background process');
  process.kill(pid, 'SIGSTOP');
  try {
    await work(pid);
  } finally {
    // Gone already where it was killed.
    if (window.backgroundProcesses().includes(pid)) process.kill(pid, 'SIGCONT');
  }
}
