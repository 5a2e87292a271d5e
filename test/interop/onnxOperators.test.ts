// Every way of using an operator around a recurrent layer that the lowering of ONNX graphs knows, judged by ONNX Runtime.
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runPython, scratchFolder } from './environment.ts';
import { assertSame, type OnnxAnswer } from './onnxGraphs.ts';

let folder: string;
let remove: () => Promise<void>;
let answers: OnnxAnswer[];

before(async () => {
  ({ folder, remove } = await scratchFolder());
  answers = JSON.parse(await runPython('onnxOperators.py', [folder])) as OnnxAnswer[];
});
after(() => remove());

describe('ONNX operators around a recurrent layer', () => {
  test('compute what ONNX Runtime does', async (context) => {
    for (const answer of answers) {
      await context.test(answer.file, async () => assertSame(join(folder, answer.file), answer));
    }
  });
});
