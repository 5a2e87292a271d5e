// ONNX' own tests of LSTM, GRU and RNN.
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runPython, scratchFolder, shared, withoutShared } from './environment.ts';
import { assertSame, type OnnxAnswer } from './onnxGraphs.ts';

describe('the tests that come with ONNX', { skip: withoutShared }, () => {
  let folder: string;
  let remove: () => Promise<void>;
  let answers: OnnxAnswer[];

  before(async () => {
    ({ folder, remove } = await scratchFolder());
    const tests = join(shared, 'models/onnx-node');
    answers = JSON.parse(await runPython('onnxNodeTests.py', [tests, folder])) as OnnxAnswer[];
  });
  after(() => remove());

  test('pass', async (context) => {
    for (const answer of answers)
      await context.test(answer.file, async () => assertSame(join(folder, answer.file), answer));
  });
});
