import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPanelState, type PanelState, panelStateVersion } from '../../extension/protocol/panel.ts';

const gates: PanelState = {
  version: panelStateVersion,
  content: {
    kind: 'gates',
    path: '/m.keras',
    name: 'm.keras',
    report: { format: 'Keras 3', bytes: 1, parameters: 1, sparsity: 0, layers: [] },
    notes: [],
  },
  closedLayers: ['lstm'],
  scroll: 12.5,
};
const sensitivity = { ...gates.content, kind: 'sensitivity', report: {}, data: 'data.npz' };
const search = { kind: 'search', report: {}, places: {}, notes: [] };
const error = { kind: 'error', path: '/m.keras', name: 'm.keras', text: 'is gone' };

describe('the state that a panel comes back with', () => {
  it('is drawn when this version has written it', () => {
    assert.ok(isPanelState(gates));
    assert.ok(isPanelState({ ...gates, content: error }));
    assert.ok(isPanelState({ ...gates, content: sensitivity }));
    assert.ok(isPanelState({ ...gates, content: search }));
  });

  for (const [what, state] of [
    ['nothing', undefined],
    ['null', null],
    ['a text', 'gates'],
    ['one without a version', { ...gates, version: undefined }],
    ['one of another version', { ...gates, version: panelStateVersion + 1 }],
    ['one without content', { ...gates, content: null }],
    ['a kind that is not known', { ...gates, content: { ...gates.content, kind: 'constructor' } }],
    ['gates without a report', { ...gates, content: { ...gates.content, report: null } }],
    ['gates of no file', { ...gates, content: { ...gates.content, path: undefined } }],
    ['a result without its places', { ...gates, content: { kind: 'result', report: {}, notes: [] } }],
    ['a sensitivity of no data', { ...gates, content: { ...sensitivity, data: undefined } }],
    ['a search without its places', { ...gates, content: { ...search, places: undefined } }],
    ['an error without a text', { ...gates, content: { ...error, text: undefined } }],
    ['one that says nothing of its layers', { ...gates, closedLayers: undefined }],
    ['one that says nothing of its place', { ...gates, scroll: null }],
  ] as const) {
    it(`is given up where it is ${what}`, () => assert.equal(isPanelState(state), false));
  }
});
