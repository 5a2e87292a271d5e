import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { askToKeep } from '../../extension/host/commands/keepQuestion.ts';
import type { StopAnswer } from '../../extension/host/commands/stopQuestion.ts';
import { TrainingWatch } from '../../extension/host/commands/trainingWatch.ts';

const run = (command: string) => vscode.commands.executeCommand(command);

describe('the question what becomes of a fine-tuning', () => {
  let watch: TrainingWatch;

  beforeEach(() => {
    watch = new TrainingWatch();
    watch.start();
    take(4, 0.5);
  });

  function take(epoch: number, best: number): void {
    const finetune = {
      epoch,
      epochs: 9,
      sparsity: 0.8,
      bestValidationLoss: best,
      bestEpoch: epoch - 1,
    };
    watch.take({ stage: 'finetune', done: 0.5, finetune });
  }

  /** The answer after these commands, pressed as soon as the question is there. */
  async function answered(...commands: string[]): Promise<StopAnswer> {
    const asked = askToKeep('m.keras', watch);
    let answer: StopAnswer | undefined;
    void asked.then((value) => {
      answer = value;
    });
    await sleep(700);
    assert.equal(answer, undefined, 'it was not asked');
    for (const command of commands) await run(command);
    return asked;
  }

  const accept = 'workbench.action.acceptSelectedQuickOpenItem';
  const down = 'workbench.action.quickOpenSelectNext';

  it('offers to keep first', async () => assert.equal(await answered(accept), 'keep'));
  it('offers to discard next', async () => assert.equal(await answered(down, accept), 'discard'));
  it('offers to continue last', async () => assert.equal(await answered(down, down, accept), 'continue'));
  it('is answered by continuing when it is closed', async () =>
    assert.equal(await answered('workbench.action.closeQuickOpen'), 'continue'));

  it('is asked within the first epoch too', async () => {
    watch.start();
    watch.take({
      stage: 'finetune',
      done: 0.1,
      finetune: { epoch: 1, epochs: 9, sparsity: 0.8, loss: 0.7, bestValidationLoss: 0.9, bestEpoch: 0 },
    });
    assert.equal(await answered(accept), 'keep');
  });

  it('stays while the training goes on, and closes when that is over', async () => {
    let answer: StopAnswer | undefined;
    const asked = askToKeep('m.keras', watch).then((value) => {
      answer = value;
    });
    await sleep(500);
    take(5, 0.4);
    await sleep(200);
    assert.equal(answer, undefined);
    watch.take({ stage: 'write', done: 0.8 });
    await asked;
    assert.equal(answer, 'continue');
  });
});
