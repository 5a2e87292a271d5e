// Layers around recurrent ones, which real Keras makes: their outputs, from either file format, and their gradients.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { inspect } from '../../extension/jobs/inspect.ts';
import { runPython, scratchFolder } from './environment.ts';
import { type KerasCase, putsOutTheSame } from './kerasCase.ts';
import { gradientEngines, gradientsAgree } from './kerasGradients.ts';

const context = { signal: new AbortController().signal, progress: () => {} };
const { folder, remove } = await scratchFolder();
after(remove);
const losses = JSON.parse(await runPython('layerFiles.py', [folder])) as Record<string, number>;
const cases = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as KerasCase[];

test('the code in a Lambda is never run', async () => {
  const marker = join(folder, 'marker');
  const written = JSON.parse(await runPython('lambdaFiles.py', [folder, marker])) as string[];
  assert.equal(written.length, 2);
  for (const file of written) {
    const model = await openModel(join(folder, file));
    assert.equal(model.graph, undefined);
    assert.deepEqual(model.notEvaluable, {
      code: 'graphUnsupported',
      args: {},
      cause: { code: 'reasonLambda', args: { layer: 'lambda' } },
    });
    assert.equal((await inspect({ path: model.path }, context)).layers.length, 1);
    await model.save(join(folder, `saved.${file}`), { compress: false });
    await model.close();
  }
  assert.equal(existsSync(marker), false);
});

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
