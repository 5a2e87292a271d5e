// What is said where a model that is to be converted has no graph, or what became of it has none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convertedGraph } from '../../../extension/jobs/convertedGraph.ts';
import { convertibleGraph } from '../../../extension/jobs/convertible.ts';
import { evaluableGraph } from '../../../extension/jobs/evaluable.ts';
import { fill } from '../../../extension/protocol/labels.ts';
import { type Message, type MessageCode, messages } from '../../../extension/protocol/messages.ts';
import { word } from '../../../extension/protocol/wording.ts';
import { assertRefuses, messageFrom } from '../../support/throwsCode.ts';

test('a model that is not converted is said to be one that cannot be evaluated, with the layer and the reason', async () => {
  const layer: Message = { code: 'layerUnsupported', args: { layer: 'fold', type: 'Lambda' } };
  await assertRefuses(
    () => convertibleGraph({ notEvaluable: layer }),
    'layerNotConverted',
    '"fold" is a Lambda',
    'Only models that can be evaluated are converted.',
  );
  const cause: Message = { code: 'reasonNoLayer', args: { layer: 'gone' } };
  const notEvaluable: Message = { code: 'graphUnsupported', args: {}, cause };
  await assertRefuses(() => convertibleGraph({ notEvaluable }), 'graphNotConverted', 'gone');
});

test('a model whose reader gives no reason is said to be one whose file does not say what it computes', async () => {
  const reason = 'the file does not say what the model computes';
  await assertRefuses(() => convertibleGraph({}), 'graphNotConverted', reason);
  await assertRefuses(() => evaluableGraph({}), 'graphUnsupported', reason);
});

test('no reason that a model has no graph offers pruning to who wants to convert it', async () => {
  const offered = Object.entries(messages).filter(([, text]) => text.endsWith('and pruned without data.'));
  assert.ok(offered.length >= 7);
  for (const [code, text] of offered) {
    const args = Object.fromEntries(
      [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, `the ${name}`]),
    );
    const notEvaluable: Message = { code: code as MessageCode, args };
    const told = word(await messageFrom(() => convertibleGraph({ notEvaluable })), fill);
    assert.doesNotMatch(told, /pruned|[{}]/, code);
    for (const value of Object.values(args)) assert.ok(told.includes(value), `${code}: ${told}`);
  }
});

test('a reason of another kind stays as it is', async () => {
  const notEvaluable: Message = { code: 'noRecurrentLayers', args: { file: 'a.h5' } };
  assert.deepEqual((await messageFrom(() => convertibleGraph({ notEvaluable }))).code, 'noRecurrentLayers');
});

test('what was written as layers that cannot be evaluated is refused; in ONNX it may be loops', async () => {
  const notEvaluable: Message = { code: 'layerUnsupported', args: { layer: 'fold', type: 'Fold' } };
  for (const target of ['keras', 'tfjs'] as const) {
    const written = () => convertedGraph(target, { notEvaluable }, 'out.keras');
    await assertRefuses(written, 'conversionNotEvaluable', 'out.keras was not written', '"fold" is a Fold');
  }
  assert.equal(convertedGraph('onnx', { notEvaluable }, 'out.onnx'), undefined);
});
