// Layers around recurrent ones, which real Keras makes: their outputs, from either file format, and their gradients.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { runPython, scratchFolder } from './environment.ts';
import { type KerasCase, putsOutTheSame } from './kerasCase.ts';
import { gradientEngines, gradientsAgree } from './kerasGradients.ts';

const { folder, remove } = await scratchFolder();
after(remove);
const losses = JSON.parse(await runPython('layerFiles.py', [folder])) as Record<string, number>;
const cases = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as KerasCase[];

for (const suffix of ['keras', 'h5']) {
  describe(`forward of .${suffix} files`, () => {
    for (const kerasCase of cases) {
      const file = `${kerasCase.name}.${suffix}`;
      test(`${file} puts out what Keras puts out`, () => putsOutTheSame(join(folder, file), kerasCase));
    }
  });
}

for (const [engine, open] of Object.entries(gradientEngines)) {
  describe(`${engine} differentiates like Keras`, () => {
    for (const [name, loss] of Object.entries(losses))
      test(name, () => gradientsAgree({ folder, name, loss }, open));
  });
}
