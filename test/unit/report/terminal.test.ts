import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evaluateTable, inspectTable, pruneTable } from '../../../extension/report/terminal.ts';
import { bar, displayWidth, drawTable } from '../../../extension/report/textTable.ts';
import { evaluateReport, finetunedReport, inspectReport, pruneReport } from '../../fixtures/pruneReport.ts';
import { chinese, english } from './translators.ts';

/** The part of a line before some text, in terminal columns. */
const columnOf = (line: string, text: string) => displayWidth(line.slice(0, line.indexOf(text)));

describe('tables for the terminal', () => {
  it('are plain text without trailing spaces', () => {
    for (const text of [
      inspectTable(inspectReport(), english),
      pruneTable(pruneReport(), english),
      evaluateTable(evaluateReport(), english),
    ]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what must not be there
      assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f]| $/m);
    }
  });

  it('show every layer and gate of a model', () => {
    const report = inspectReport(0, [3]);
    const text = inspectTable(report, english);
    assert.match(text, /^Keras 2\.0\.5 HDF5 · 985\.4 kB · 74,051 parameters · Sparsity 0\.0%$/m);
    for (const layer of report.layers) assert.ok(text.includes(`\n${layer.name} · ${layer.cell}`));
    const rows = text.match(/^[ifcozrh] {2}\S/gm) ?? [];
    assert.equal(rows.length, 8);
    assert.match(text, /Dead units: 3$/m);
  });

  it('say why a model cannot be evaluated', () => {
    const report = inspectReport();
    report.notEvaluable = { code: 'layerUnsupported', args: { layer: 'conv', type: 'Conv1D' } };
    assert.match(
      inspectTable(report, english),
      /^- Layer "conv" is a Conv1D, which cannot be evaluated yet/m,
    );
  });

  it('say what evaluating a model takes for granted', () => {
    const report = inspectReport();
    report.assumptions = [{ code: 'noteStatesReset', args: { layers: 'lstm_1' } }];
    assert.match(inspectTable(report, english), /^- Layers keep their states .*: lstm_1\. Here every batch/m);
  });

  it('tell how many units are left of a layer that shrank', () => {
    const report = pruneReport();
    const [first, second] = report.after.layers;
    first.hiddenSize = 40;
    second.inputSize = 40;
    const text = pruneTable(report, english);
    assert.match(text, /25 inputs, 100 → 40 units/);
    assert.match(text, /100 → 40 inputs, 50 units/);
  });

  it('compare before and after, gate by gate', () => {
    const text = pruneTable(pruneReport(), english);
    assert.match(text, /^Loss \(binary crossentropy\) +0\.0555 +0\.0721 +\+29\.9%$/m);
    assert.match(text, /^i {2}input +0\.0% {2}→ {2}84\.8% {2}███████░ {2}0\.0% {2}→ {2}75\.2% {2}██████░░$/m);
    assert.match(text, /^- Unstructured sparsity/m);
    assert.match(text, /^Output {2}\/models\/engines\/failure\.pruned\.h5$/m);
  });

  it('tell how it was fine-tuned, epoch by epoch', () => {
    const text = pruneTable(finetunedReport(), english);
    assert.match(text, /^Loss \(binary crossentropy\) +0\.0555 +0\.0721 +0\.0561 +\+1\.1%$/m);
    assert.match(text, /^Optimizer +RMSprop, learning rate 0\.001$/m);
    assert.match(text, /^ +3 +0\.0601 +0\.0604 +80\.0%/m);
  });

  it('leave out the middle of many epochs', () => {
    const report = finetunedReport();
    const { finetune } = report;
    assert.ok(finetune);
    const [one] = finetune.epochs;
    finetune.epochs = Array.from({ length: 300 }, (_, i) => ({ ...one, epoch: i + 1 }));
    const rows = pruneTable(report, english).match(/^ +(\d+|…) .*80\.0%.*$|^ +… .*$/gm) ?? [];
    assert.equal(rows.length, 21);
    assert.match(rows[10], /…/);
    assert.match(rows[20], /^ +300 /);
  });

  it('give loss, metrics and what they were measured on', () => {
    const text = evaluateTable(evaluateReport(), english);
    assert.match(text, /^Loss \(binary crossentropy\) {2}0\.0555$/m);
    assert.match(text, /^Accuracy +97\.85%$/m);
    assert.match(text, /^Data +last 20 %, 93 samples$/m);
    assert.match(text, /^- windows\.npz has no test or validation part/m);
  });

  it('stay aligned in Chinese, whose characters take two columns', async () => {
    const t = await chinese();
    const rows = pruneTable(pruneReport(), t, 'zh-cn')
      .split('\n')
      .filter((line) => /^[ifco] {2}/.test(line));
    assert.equal(rows.length, 4);
    assert.equal(new Set(rows.map((row) => columnOf(row, '→'))).size, 1);
    assert.ok(rows.every((row) => /\p{Script=Han}/u.test(row)));
  });

  it('join lists as Chinese does, where they are Chinese', async () => {
    const t = await chinese();
    const report = inspectReport(
      0,
      Array.from({ length: 20 }, (_, i) => i),
    );
    assert.match(inspectTable(report, t, 'zh-cn'), /失活单元：0，1，2，.*，11，… \(20\)$/m);
    assert.match(evaluateTable(evaluateReport(), t, 'zh-cn'), /最后 20%，93 个样本$/m);
  });

  it('measure wide, combining and narrow characters', () => {
    assert.equal(displayWidth('门'), 2);
    assert.equal(displayWidth('e\u0301'), 1);
    assert.equal(displayWidth('，'), 2);
    assert.equal(displayWidth('→█'), 2);
  });

  it('widen a column for a heading that spans', () => {
    const table = drawTable({
      headings: [{ text: 'long heading', span: 2 }, { text: 'b' }],
      rows: [['1', '2', '3']],
    });
    assert.deepEqual(table.split('\n'), ['long heading  b', '1  2          3']);
  });

  it('draw a bar that shows any share above nothing', () => {
    assert.equal(bar(0, 4), '░░░░');
    assert.equal(bar(0.001, 4), '█░░░');
    assert.equal(bar(0.5, 4), '██░░');
    assert.equal(bar(1, 4), '████');
  });
});
