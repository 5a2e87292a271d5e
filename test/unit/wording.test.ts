import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fill } from '../../extension/protocol/labels.ts';
import { commandLineMessages } from '../../extension/protocol/messages/commandLine.ts';
import { type Message, type MessageCode, messages } from '../../extension/protocol/messages.ts';
import { word } from '../../extension/protocol/wording.ts';
import { root } from '../support/paths.ts';

const bundle: Record<string, string> = JSON.parse(
  readFileSync(join(root, 'l10n/bundle.l10n.zh-cn.json'), 'utf8'),
);
const inChinese = (message: Message) =>
  word(message, (template, args) => fill(bundle[template] ?? template, args), 'zh-cn');
const expected: Message = { code: 'expectedWhole', args: { low: 1 } };
const wrong: Message = { code: 'invalidValue', args: { option: 'batch', value: '0', expected } };

it('no two sentences have one code', async () => {
  let count = 0;
  for await (const file of glob('extension/protocol/messages/*.ts', { cwd: root })) {
    const tables: Record<string, object> = await import(join(root, file));
    for (const table of Object.values(tables)) count += Object.keys(table).length;
  }
  assert.equal(Object.keys(messages).length, count);
});

describe('a sentence', () => {
  it('has the messages in its braces in the same language', () => {
    assert.equal(word(wrong, fill), 'batch is 0; expected a whole number from 1.');
    assert.equal(inChinese(wrong), 'batch 的值为 0，应为：不小于 1 的整数。');
  });

  it('that is the cause of another ends with it', () => {
    const message: Message = { code: 'recipeInvalid', args: { file: 'r.json' }, cause: wrong };
    assert.equal(word(message, fill), 'r.json is not a recipe: batch is 0; expected a whole number from 1.');
    assert.equal(inChinese(message), 'r.json 不是配方文件：batch 的值为 0，应为：不小于 1 的整数。');
  });

  it('keeps the sentences apart that say why units stay', () => {
    const cause: Message = { code: 'layerUnsupported', args: { layer: 'fold', type: 'Lambda' } };
    const reason: Message = { code: 'reasonUnitsNoGraph', args: {}, cause };
    assert.equal(
      word({ code: 'noteUnitsFrozen', args: { layers: 'lstm' }, cause: reason }, fill),
      'Hidden units of lstm were not pruned: what reads them is not known. Layer "fold" is a Lambda, which cannot be evaluated yet. The model can still be inspected and pruned without data.',
    );
  });

  it('lists what could stand there as its language does', () => {
    const expected = ['none', 'linear'];
    const message: Message = { code: 'invalidValue', args: { option: 'decay', value: '"x"', expected } };
    assert.equal(word(message, fill), 'decay is "x"; expected none, linear.');
    assert.equal(inChinese(message), 'decay 的值为 "x"，应为：none，linear。');
  });

  it('tells sizes and times no more exactly than it matters', () => {
    const args = { batch: 4096, limit: 2 ** 32, fits: 128 };
    assert.match(
      word({ code: 'batchMemory', args }, fill),
      /^A batch of 4,096 .* the 4\.3 GB that .*--batch 128\)/,
    );
    assert.match(inChinese({ code: 'engineMemory', args }), /（4\.3 GB）/);
    const times = { engine: 'a', milliseconds: 0.78345, other: 'b', otherMilliseconds: 1234.5678 };
    assert.equal(
      word({ code: 'noteEngineChosen', args: times }, fill),
      'a computed the model, 0.78 ms for a batch; b needed 1,234.6 ms.',
    );
  });

  it('writes optimizers as their authors do', () => {
    const note: Message = { code: 'noteOptimizerUnknown', args: { optimizer: 'Lion', used: 'adam' } };
    assert.match(word(note, fill), /"Lion", .*; Adam was used instead\.$/);
  });

  it('about a layer has no English in Chinese but what the file calls by name', () => {
    const setting: Message = { code: 'optionInitialState', args: {} };
    const layer = { layer: 'dec', type: 'LSTM' };
    const told = inChinese({ code: 'layerOptionUnsupported', args: { ...layer, setting } });
    assert.deepEqual(told.match(/[A-Za-z]+/g), ['dec', 'LSTM']);
    const expected: Message = { code: 'expectedLastAxis', args: { width: 3 } };
    const cause: Message = { code: 'reasonMisfit', args: { layer: 'dec', expected, found: '[N, 2]' } };
    const misfit = inChinese({ code: 'graphUnsupported', args: {}, cause });
    assert.deepEqual(misfit.match(/[A-Za-z]+/g), ['dec', 'N']);
  });

  it('has in Chinese a space between words of either script, and none between Chinese ones, where another is put in', () => {
    /** Whose braces hold which messages, by the beginning of their codes. */
    const joined: [MessageCode, string, RegExp][] = [
      ['invalidValue', 'expected', /^expected/],
      ['reasonMisfit', 'expected', /^expected/],
      ['contentForeign', 'content', /^content[A-Z]/],
      ['contentUnexpected', 'content', /^content[A-Z]/],
      ['contentUnexpected', 'expected', /^expected(Keras|Onnx|Safetensors|Tflite|Torch|ModelJson|ShardMap)/],
      ['layerOptionUnsupported', 'setting', /^option[A-Z]/],
      ['conversionImpossible', 'what', /^option[A-Z]/],
      ['reasonNoKernel', 'option', /^option[A-Z]/],
      ['tooLarge', 'what', /^part/],
      ['reasonTypeKept', 'type', /^type/],
      ['layersFixed', 'reason', /^reasonLayer/],
      ['layerFixed', 'reason', /^reasonLayer/],
      ['reasonControlFrozen', 'reason', /^reasonUnits/],
      ['budgetNotReached', 'remedy', /^remedy(Increase|Trials|Time|GoOn)/],
      ['trainingDiverged', 'remedy', /^remedyRate/],
    ];
    const amiss = /[\u4e00-\u9fff]( [\u4e00-\u9fff]|[\w{])|[\w}][\u4e00-\u9fff]/;
    for (const [code, name, inner] of joined) {
      const codes = (Object.keys(messages) as MessageCode[]).filter((one) => inner.test(one));
      assert.ok(codes.length > 0, `${inner}`);
      for (const one of codes)
        assert.doesNotMatch(inChinese({ code, args: { [name]: { code: one, args: {} } } }), amiss);
    }
  });

  it('names flags of the command line in parentheses only, as an editor has none', () => {
    const told = Object.entries(messages).filter(
      ([code, text]) => text.replace(/\(.*?\)/g, '').includes('--') && !(code in commandLineMessages),
    );
    // Only the command line meets a file in its way; the editor takes another name.
    assert.deepEqual(
      told.map(([code]) => code),
      ['outputExists'],
    );
  });
});
