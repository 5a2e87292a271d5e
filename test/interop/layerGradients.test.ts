// Gradients of whole models through layers that branch and meet, beside those of real Keras.
import { after, describe, test } from 'node:test';
import { runPython, scratchFolder } from './environment.ts';
import { gradientEngines, gradientsAgree } from './kerasGradients.ts';

const { folder, remove } = await scratchFolder();
after(remove);
const losses = JSON.parse(await runPython('gradientFiles.py', [folder])) as Record<string, number>;

for (const [engine, open] of Object.entries(gradientEngines)) {
  describe(`${engine} differentiates like Keras`, () => {
    for (const [name, loss] of Object.entries(losses))
      test(name, () => gradientsAgree({ folder, name, loss }, open));
  });
}
