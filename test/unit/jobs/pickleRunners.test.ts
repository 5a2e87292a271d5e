import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from '../../../extension/jobs/inspect.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import { inspectNotes } from '../../../extension/protocol/inspectNotes.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { called, global, type Pickled } from '../../support/pickle.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallTorch } from '../../support/smallTorch.ts';
import { torchLegacy, torchZip } from '../../support/torchFile.ts';

const write = scratchFiles();
const { saved, ...others } = smallTorch('checkpoint');
const entries = saved as ReadonlyMap<string, Pickled>;
const commanding = {
  ...others,
  saved: new Map<string, Pickled>([...entries, ['run', called(global('posix', 'system'), ['ls'])]]),
};

for (const [kind, bytes] of [
  ['an archive', torchZip(commanding)],
  ['a legacy file', torchLegacy(commanding)],
] as const)
  test(`${kind} whose pickle would run commands says so, and so does what was pruned of it`, async () => {
    const path = write(`${kind}.pt`, bytes);
    const output = `${path}.pruned.pt`;
    const note = { code: 'noteRunners', args: { functions: ['posix.system'] } };
    const before = inspectNotes(await inspect({ path }, recordedContext()));
    const pruned = await prune({ path, recipe: { sparsity: 0.5 }, output }, recordedContext());
    const after = inspectNotes(await inspect({ path: output }, recordedContext()));
    for (const notes of [before, pruned.notes, after])
      assert.deepEqual(
        notes.filter(({ code }) => code === 'noteRunners'),
        [note],
      );
  });

test('a file without says nothing of it', async () => {
  const path = write('plain.pt', torchZip(smallTorch('checkpoint')));
  assert.deepEqual((await inspect({ path }, recordedContext())).fileNotes, undefined);
});
