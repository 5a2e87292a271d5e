import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findingsOf, notableShare } from '../../extension/host/diagnostics/findings.ts';
import { gatesText, layerAtLine, numberWords } from '../../extension/host/diagnostics/gatesText.ts';
import { fill } from '../../extension/protocol/labels.ts';
import type {
  GateReport,
  InspectReport,
  LayerReport,
  MatrixStatistics,
} from '../../extension/protocol/report.ts';

const words = numberWords('en');

function matrix(size: number, nearZero: number, zeros = 0): MatrixStatistics {
  return { size, zeros, sparsity: zeros / size, meanAbs: 0.05, maxAbs: 0.4, nearZero };
}

function gate(kernelNear: number, recurrentNear: number): GateReport {
  return { kernel: matrix(50, kernelNear), recurrent: matrix(100, recurrentNear) };
}

function layer(name: string, cell: LayerReport['cell'], gates: LayerReport['gates']): LayerReport {
  return {
    name,
    cell,
    direction: 'forward',
    inputSize: 5,
    hiddenSize: 10,
    sparsity: 0,
    gates,
    deadUnits: [],
  };
}

const report: InspectReport = {
  format: 'Keras 2.0.5 HDF5',
  bytes: 1000,
  parameters: 1200,
  sparsity: 0.25,
  layers: [
    layer('lstm_1', 'LSTM', { i: gate(2, 4), f: gate(20, 4), c: gate(2, 10), o: gate(4, 9) }),
    { ...layer('rnn', 'RNN', { h: gate(0, 0) }), deadUnits: [0, 7] },
  ],
};

const lines = gatesText('model.h5', report, fill, words);
const findings = findingsOf('model.h5', lines, fill, words);

describe('the gates of a model as text', () => {
  it('has a heading, a line for each layer and a line for each gate', () => {
    const about = lines.map((line) =>
      line.gate ? `gate ${line.gate}` : (line.layer?.name ?? line.text.slice(0, 9)),
    );
    assert.deepEqual(about, [
      'model.h5:',
      '',
      'lstm_1',
      'gate i',
      'gate f',
      'gate c',
      'gate o',
      '',
      'rnn',
      'gate h',
    ]);
    assert.equal(
      lines[0].text,
      'model.h5: Keras 2.0.5 HDF5, 25.0% of the prunable weights are zero; |w| is the mean magnitude',
    );
    assert.equal(lines[2].text, 'lstm_1: LSTM, 5 inputs, 10 units, 0.0% zero');
  });

  it('ends with what is taken for granted, or why nothing is computed', () => {
    const assumptions = [{ code: 'noteStatesReset', args: { layers: 'rnn' } } as const];
    const assumed = gatesText('model.h5', { ...report, assumptions }, fill, words);
    assert.deepEqual(assumed.slice(0, lines.length), lines);
    assert.match(assumed[lines.length + 1].text, /^Layers keep their states .*: rnn\./);
    const notEvaluable = {
      code: 'graphUnsupported',
      args: {},
      cause: { code: 'reasonWeightsOnly', args: {} },
    } as const;
    const plain = gatesText('model.h5', { ...report, notEvaluable }, fill, words);
    assert.match(
      plain[lines.length + 1].text,
      /^The model cannot be evaluated: the file holds weights alone/,
    );
    assert.equal(plain.length, lines.length + 2);
    assert.equal(layerAtLine(report, lines.length + 1), undefined);
  });

  it('has a line more for a projection, which belongs to its layer', () => {
    const [first, second] = report.layers;
    const projection = { ...matrix(20, 5, 4), outputSize: 2 };
    const projecting: InspectReport = { ...report, layers: [{ ...first, projection }, second] };
    const text = gatesText('model.h5', projecting, fill, words);
    assert.match(text[7].text, /^ {2}projection +20\.0% zero, +25\.0% near zero/);
    assert.deepEqual([text[7].layer?.name, text[7].gate], ['lstm_1', undefined]);
    for (const [at, { layer: about }] of text.entries())
      if (about) assert.equal(layerAtLine(projecting, at)?.name, about.name, `line ${at}`);
  });

  it('says of each gate what share of both kernels is zero and near zero', () => {
    assert.match(
      lines[4].text,
      /f {2}kernel +0\.0% zero, +40\.0% near zero, \|w\| 0\.05 .*recurrent .* 4\.0% near zero/,
    );
  });

  it('keeps the columns of its gates in line', () => {
    const bars = lines.filter(({ gate }) => gate).map(({ text }) => text.indexOf('recurrent'));
    assert.equal(new Set(bars).size, 1);
  });

  it('knows the layer of every line', () => {
    assert.equal(layerAtLine(report, 2)?.name, 'lstm_1');
    assert.equal(layerAtLine(report, 6)?.name, 'lstm_1');
    assert.equal(layerAtLine(report, 8)?.name, 'rnn');
    assert.equal(layerAtLine(report, 9)?.name, 'rnn');
    assert.equal(layerAtLine(report, 10), undefined);
  });
});

describe('what is said about the gates', () => {
  const at = (line: number) => findings.filter((finding) => finding.line === line);

  it('names the file in every sentence', () => {
    for (const { text } of findings) assert.match(text, /^model\.h5: /);
  });

  it(`mentions gates with a matrix of which ${notableShare * 100} % is near zero`, () => {
    assert.deepEqual(
      findings.filter(({ code }) => code === 'near-zero').map(({ line }) => line),
      [4, 5],
    );
    assert.equal(
      at(4)[0].text,
      'model.h5: in gate f of lstm_1, 40.0% of the input kernel and 4.0% of the recurrent kernel are near zero.',
    );
  });

  it('sums up each layer on its line', () => {
    // (2 + 4 + 20 + 4 + 2 + 10 + 4 + 9) of 4 · 150 weights.
    assert.equal(
      at(2)[0].text,
      'model.h5: 9.2% of the weights of lstm_1 are near zero (i 4.0%, f 16.0%, c 8.0%, o 8.7%), and 0.0% are exactly zero.',
    );
    assert.equal(at(2)[0].code, 'layer-near-zero');
  });

  it('lists dead units on the line of their layer', () => {
    const dead = findings.filter(({ code }) => code === 'dead-units');
    assert.deepEqual(
      dead.map(({ line, text }) => [line, text]),
      [[8, 'model.h5: rnn has dead units (2 of 10), whose output is always 0: 0, 7.']],
    );
  });

  it('lists a dozen dead units and counts the rest', () => {
    const units = Array.from({ length: 20 }, (_, i) => i);
    const many: InspectReport = {
      ...report,
      layers: [{ ...report.layers[1], hiddenSize: 40, deadUnits: units }],
    };
    const [dead] = findingsOf('m', gatesText('m', many, fill, words), fill, words).filter(
      ({ code }) => code === 'dead-units',
    );
    assert.match(dead.text, /20 of 40\).*: 0, 1, 2, .*, 11, …\.$/);
  });
});
