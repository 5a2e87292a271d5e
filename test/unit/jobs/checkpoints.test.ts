import assert from 'node:assert/strict';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { prune } from '../../../extension/jobs/prune.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import type { PruneReport } from '../../../extension/protocol/report.ts';
import { finetuneData } from '../../support/finetuneData.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { brokenOff, inPlace, models, recipe, write } from './finetuneJobs.ts';

test('a job that was given up goes on where it was, and comes to the same bytes as one that was not', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const request = { path: place.model, recipe: { ...recipe, epochs: 5, patience: 4 }, checkpoints };
    const unbroken = await prune({ ...request, output: join(place.folder, 'whole.h5') }, recordedContext());
    await assertRefuses(
      () =>
        prune(
          request,
          recordedContext(({ finetune }) => finetune?.epoch === 4),
        ),
      'cancelled',
    );
    assert.equal(readdirSync(checkpoints).length, 1);
    const resumed = await prune(request, recordedContext());
    assert.equal(resumed.finetune?.resumedAt, 3);
    assert.ok(resumed.notes.some(({ code, args }) => code === 'noteResumed' && args.epoch === 3));
    assert.deepEqual(readFileSync(resumed.output), readFileSync(unbroken.output));
    assert.deepEqual({ ...resumed.after, loss: 0 }, { ...unbroken.after, loss: 0 });
    assert.deepEqual(readdirSync(checkpoints), []);
  });
});

test('the best weights outlive the process that found them', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const asked = { ...recipe, epochs: 40, patience: 2, learningRate: 1 };
    const request = { path: place.model, recipe: asked, checkpoints };
    const unbroken = await prune({ ...request, output: join(place.folder, 'whole.h5') }, recordedContext());
    const { kept = 0, epochs = [] } = unbroken.finetune ?? {};
    // The best epoch is behind when the job is given up in its last.
    assert.ok(kept > 0 && kept < epochs.length - 1);
    const inLast = recordedContext(({ finetune }) => finetune?.epoch === epochs.length);
    await assertRefuses(() => prune(request, inLast), 'cancelled');
    const resumed = await prune(request, recordedContext());
    assert.equal(resumed.finetune?.resumedAt, epochs.length - 1);
    assert.equal(resumed.finetune?.kept, kept);
    assert.deepEqual(readFileSync(resumed.output), readFileSync(unbroken.output));
  });
});

test('another recipe, other data or another model begin anew; so does one that is told to', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    await brokenOff(place, checkpoints);
    const again = async (changes: Recipe) => {
      const { finetune } = await prune(
        { path: place.model, recipe: { ...recipe, epochs: 5, ...changes }, checkpoints },
        recordedContext(),
      );
      return finetune?.resumedAt;
    };
    assert.equal(await again({ seed: 2 }), undefined);
    assert.equal(await again({ epochs: 4 }), undefined);
    const other = write('other.npz', finetuneData({ train: 96, val: 32, test: 32 }, 4));
    assert.equal(await again({ data: other }), undefined);
    // How many threads compute, and how the file is stored, change nothing in the weights.
    assert.equal(await again({ threads: 1, compress: true }), 2);
    await brokenOff(place, checkpoints);
    assert.equal(await again({ resume: false }), undefined);
    await brokenOff(place, checkpoints);
    const later = new Date(Date.now() + 5000);
    utimesSync(place.model, later, later);
    assert.equal(await again({}), undefined);
  });
});

test('a job that may choose its engine goes on with the one it began with, and times none', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    await brokenOff(place, checkpoints);
    // Not there, which a choice would tell.
    const tensorflow = join(place.folder, 'no such folder');
    const request = { path: place.model, recipe: { ...recipe, epochs: 5 }, checkpoints, tensorflow };
    const codesOf = ({ notes }: PruneReport) => notes.map(({ code }) => code);
    const resumed = await prune(request, recordedContext());
    assert.equal(resumed.finetune?.resumedAt, 2);
    assert.ok(!codesOf(resumed).includes('noteEngineLeftOut'), `${codesOf(resumed)}`);
    const anew = await prune(request, recordedContext());
    assert.ok(codesOf(anew).includes('noteEngineLeftOut'), `${codesOf(anew)}`);
  });
});

test('a damaged checkpoint is passed over, and the report says why', async () => {
  const damages: Record<string, (bytes: Buffer) => Buffer> = {
    'one bit is another': (bytes) => {
      bytes[bytes.length >> 1] ^= 1;
      return bytes;
    },
    'it is cut': (bytes) => bytes.subarray(0, bytes.length - 100),
    'it is empty': () => Buffer.alloc(0),
    'it is of another kind': () => Buffer.from('not a checkpoint at all, whatever its name says'),
    'its header claims too much': (bytes) => {
      bytes.writeUInt32LE(0xffffffff, 8);
      return bytes;
    },
  };
  for (const [name, damage] of Object.entries(damages)) {
    await inPlace(await models['.h5'](), async (place, checkpoints) => {
      const file = await brokenOff(place, checkpoints);
      writeFileSync(file, damage(readFileSync(file)));
      const request = { path: place.model, recipe: { ...recipe, epochs: 5 }, checkpoints };
      const report = await prune(request, recordedContext());
      assert.equal(report.finetune?.resumedAt, undefined, name);
      assert.equal(report.finetune?.epochs.length, 5);
      assert.ok(
        report.notes.some(
          ({ code, cause }) => code === 'noteCheckpointUnusable' && cause?.code === 'reasonDamaged',
        ),
        name,
      );
    });
  }
});

test('checkpoints that nobody came back for in a month are swept, and nothing else', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const old = join(checkpoints, 'a.checkpoint');
    const recent = join(checkpoints, 'b.checkpoint');
    const foreign = join(checkpoints, 'notes.txt');
    for (const file of [old, recent, foreign]) writeFileSync(file, '');
    const days = (count: number) => new Date(Date.now() - count * 24 * 60 * 60 * 1000);
    utimesSync(old, days(31), days(31));
    utimesSync(recent, days(29), days(29));
    utimesSync(foreign, days(365), days(365));
    await prune({ path: place.model, recipe: { ...recipe, epochs: 1 }, checkpoints }, recordedContext());
    assert.deepEqual(readdirSync(checkpoints).sort(), ['b.checkpoint', 'notes.txt']);
  });
});

test('a folder that cannot hold checkpoints costs the checkpoint, not the training', async () => {
  await inPlace(await models['.h5'](), async (place) => {
    const report = await prune(
      { path: place.model, recipe, checkpoints: join(write('file', ''), 'folder') },
      recordedContext(),
    );
    assert.equal(report.finetune?.epochs.length, 3);
    assert.ok(report.notes.some(({ code }) => code === 'noteNoCheckpoint'));
  });
});
