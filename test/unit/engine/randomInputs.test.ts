import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuEngine } from '../../../extension/engine/cpu/engine.ts';
import { trialBatch } from '../../../extension/engine/trial.ts';
import { session } from '../../support/engineTable.ts';
import { student } from '../../support/lossTable.ts';

test('a batch that is made up has targets that every loss of the graph takes', async () => {
  const one = student([1, 1, 1, 1], [1, 1, 1, 1]);
  const training = await session(one, cpuEngine);
  const { loss, rows } = await training.gradients({ inputs: trialBatch(one.graph) });
  await training.dispose();
  assert.ok(Number.isFinite(loss) && rows > 0, `${loss}, ${rows} rows`);
});
