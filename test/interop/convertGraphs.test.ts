// Every operator and every variant of a cell as ONNX, and single steps of sequences and padded windows as Keras and TensorFlow.js:
// ONNX' checker finds nothing wrong, and ONNX Runtime, Keras and stock TensorFlow.js compute what our engine computes.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { writeConverted } from '../../extension/conversion/convert.ts';
import type { ConversionTarget } from '../../extension/protocol/conversion.ts';
import { conversionCases } from '../support/conversionGraphs.ts';
import { pickedCases } from '../support/pickedSteps.ts';
import { windowCases } from '../support/windowGraphs.ts';
import { outputIn, ownersResults } from './converted.ts';
import { scratchFolder } from './environment.ts';
import { runGraph } from './forward.ts';
import { agree } from './kerasCase.ts';
import { packed, unpacked } from './packedArray.ts';

const { folder, remove } = await scratchFolder();
after(remove);

const picked = pickedCases();
const windows = windowCases();
const cases = {
  onnx: [...conversionCases(), ...windows],
  keras: [...picked, ...windows.filter(({ name }) => !/each step/.test(name))],
  // Which needs to know how many steps there are to crop them.
  tfjs: [
    ...picked.filter(({ name }) => !/(last step|within).*free length/.test(name)),
    ...windows.filter(({ apart }) => !apart),
  ],
} as const satisfies Record<ConversionTarget, unknown>;

// All is written and computed before the first test is declared: the runner ends a file when its tests have run.
const judged = [];
for (const [to, own] of Object.entries(cases) as [ConversionTarget, typeof picked][]) {
  const list = own.map(({ name, inputs }, i) => ({
    name,
    path: outputIn(folder, `${i}`, to),
    inputs: inputs.map(packed),
  }));
  for (const [i, { graph }] of own.entries()) {
    const { path } = list[i];
    await writeConverted(to, to === 'tfjs' ? path.replace('/model.json', '') : path, graph);
  }
  judged.push({ to, own, results: await ownersResults(to, folder, list) });
}

for (const { to, own, results } of judged) {
  describe(`a graph as ${to} is computed by its owner as by us`, () => {
    for (const [i, { name, graph, inputs }] of own.entries()) {
      test(name, async () => {
        const result = results[i];
        assert.ok('outputs' in result, 'error' in result ? result.error : '');
        agree(result.outputs.map(unpacked), await runGraph(graph, inputs), 1e-5);
      });
    }
  });
}
