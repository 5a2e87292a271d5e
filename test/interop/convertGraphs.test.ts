// Every operator and every variant of a cell as ONNX: ONNX' checker finds nothing wrong, and ONNX Runtime computes what our engine computes.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { writeConverted } from '../../extension/conversion/convert.ts';
import { conversionCases } from '../support/conversionGraphs.ts';
import { runPython, scratchFolder } from './environment.ts';
import { runGraph } from './forward.ts';
import { agree } from './kerasCase.ts';
import { type PackedArray, packed, unpacked } from './packedArray.ts';

const { folder, remove } = await scratchFolder();
after(remove);
const cases = conversionCases();
const list = cases.map(({ inputs }, i) => ({ path: join(folder, `${i}.onnx`), inputs: inputs.map(packed) }));
for (const [i, { graph }] of cases.entries()) await writeConverted('onnx', list[i].path, graph);
const [asked, answered] = [join(folder, 'asked.json'), join(folder, 'answered.json')];
await writeFile(asked, JSON.stringify(list));
await runPython('runOnnx.py', [asked, answered]);
type Result = { readonly outputs: PackedArray[] } | { readonly error: string };
const results = JSON.parse(await readFile(answered, 'utf8')) as Result[];

describe('a graph as ONNX is computed by ONNX Runtime as by us', () => {
  for (const [i, { name, graph, inputs }] of cases.entries()) {
    test(name, async () => {
      const result = results[i];
      assert.ok('outputs' in result, 'error' in result ? result.error : '');
      agree(result.outputs.map(unpacked), await runGraph(graph, inputs), 1e-5);
    });
  }
});
