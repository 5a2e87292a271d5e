// The losses that a file says it was compiled with, and one step of training by each, judged by real Keras.
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runPython, scratchFolder } from './environment.ts';
import { assertLoss, engines, stepLikeKeras } from './kerasStep.ts';

const { folder, remove } = await scratchFolder();
const cases: { name: string; loss: number }[] = JSON.parse(await runPython('compiledLosses.py', [folder]));
after(() => remove());

for (const { name, loss } of cases)
  for (const [engine, open] of Object.entries(engines))
    test(`${name}: a step of ${engine} has the loss of evaluate() and leads to the weights of Keras`, async () => {
      assertLoss(await stepLikeKeras(join(folder, name), ['x', 'y'], open), loss);
    });
