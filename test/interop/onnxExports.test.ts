// Modules as people write them, exported by torch.onnx, judged by ONNX Runtime.
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runPython, scratchFolder } from './environment.ts';
import { assertSame, type OnnxAnswer } from './onnxGraphs.ts';

let folder: string;
let remove: () => Promise<void>;
let answers: OnnxAnswer[];

before(async () => {
  ({ folder, remove } = await scratchFolder());
  answers = JSON.parse(await runPython('onnxExports.py', [folder])) as OnnxAnswer[];
});
after(() => remove());

describe('what torch.onnx writes', () => {
  test('computes what ONNX Runtime does', async (context) => {
    for (const answer of answers)
      await context.test(answer.file, async () => assertSame(join(folder, answer.file), answer));
  });
});
