// What the project is for, by the README's own command.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { PruneReport } from '../../../extension/protocol/report.ts';
import { root } from '../../support/paths.ts';
import { lstmPruner } from './command.ts';

const folder = await mkdtemp(join(tmpdir(), 'lstm-pruner-test-'));
after(() => rm(folder, { recursive: true, force: true }));

/** The arguments of the README's command that fine-tunes the example. */
async function readmeCommand(): Promise<string[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const [, command] = /node dist\/cli\.js (prune examples\/reber(?:\\\n|[^\n])*)/.exec(readme) ?? [];
  assert.ok(command, 'the README has no such command');
  const words = command.replaceAll('\\\n', ' ').trim().split(/\s+/);
  return words.map((word) => (word.startsWith('examples/') ? join(root, word) : word));
}

test('the example, pruned to a tenth by the README’s command, is within 2 % of the loss that it had', async () => {
  const out = join(folder, 'reber.keras');
  const env = { LSTM_PRUNER_CHECKPOINTS: join(folder, 'checkpoints') };
  const ended = await lstmPruner([...(await readmeCommand()), '--out', out, '--json'], { env });
  assert.equal(ended.code, 0, ended.err);
  const { before, pruned, after: state, data, finetune }: PruneReport = JSON.parse(ended.out);
  assert.equal(Math.round(state.sparsity * 1000), 900);
  // On samples that were neither trained on nor used to choose an epoch.
  assert.deepEqual([data?.split, finetune?.validationSplit], ['test', 'val']);
  assert.ok(Number(pruned.loss) > 4 * Number(before.loss), `${pruned.loss} after ${before.loss}`);
  assert.ok(Number(state.loss) <= 1.02 * Number(before.loss), `${state.loss} after ${before.loss}`);
});
