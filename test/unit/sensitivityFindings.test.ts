import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fill, labels } from '../../extension/protocol/labels.ts';
import { numbersFor } from '../../extension/protocol/numbers.ts';
import type { LayerFindings } from '../../extension/protocol/sensitivity.ts';
import { findingSentences } from '../../extension/protocol/sensitivityFindings.ts';
import { sensitivityReport } from '../fixtures/sensitivityReport.ts';

const { findings } = sensitivityReport();
const sentencesOf = (layer: LayerFindings) =>
  findingSentences(layer, findings.limits, (label, args = {}) => fill(labels[label], args), numbersFor('en'));

describe('what data tells of a layer', () => {
  const [layer] = findings.layers;

  it('is said in sentences: silent units, constant gates with their means, and saturated gates', () => {
    assert.deepEqual(sentencesOf(layer), [
      'Units that are silent at every step (|h| < 0.01): 3, 7',
      'Units in which z (update) is constant: 2 (0.988).',
      'Units in which h (candidate) is constant: 3 (0.00), 7 (0.00100).',
      'z (update) is shut in 12.5% and open in 50.0% of all units and steps.',
      'r (reset) is shut in 0.0% and open in 0.0% of all units and steps.',
      'Units in which z (update) is always shut or open: 2, 4.',
    ]);
  });

  it('is said where there is nothing, too', () => {
    const gates = layer.gates.map(({ gate, saturation }) => ({
      gate,
      constantUnits: [],
      constantValues: [],
      ...(saturation && { saturation: { ...saturation, units: [] } }),
    }));
    const sentences = sentencesOf({ ...layer, deadUnits: [], gates });
    assert.ok(sentences.includes('No unit is silent at every step (|h| < 0.01).'));
    assert.ok(sentences.includes('No gate is constant.'));
    assert.equal(sentences.at(-1), 'No gate is always shut or open.');
  });

  it('says nothing of saturation of a layer whose only gate is a candidate', () => {
    const gates = layer.gates.filter(({ gate }) => gate === 'h');
    assert.ok(!sentencesOf({ ...layer, gates }).some((sentence) => /shut/.test(sentence)));
  });
});
