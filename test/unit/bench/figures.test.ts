import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median } from '../../../bench/median.ts';
import { parseOptions } from '../../../bench/options.ts';
import { functionShares } from '../../../bench/profile.ts';
import type { Row } from '../../../bench/results.ts';
import { takeTurns } from '../../../bench/takeTurns.ts';
import { judge } from '../../../bench/targets.ts';

test('the median is the middle value, or the mean of the two in the middle', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([9, 1, 5, 6]), 5.5);
  assert.equal(median([3]), 3);
  assert.throws(() => median([]));
});

test('contenders are measured in turns, after a step that does not count', async () => {
  const order: string[] = [];
  const runner = (name: string, times: readonly number[]) => {
    let turn = 0;
    return {
      name,
      run: async (steps: number) => {
        order.push(`${name}${steps}`);
        return times[turn++];
      },
    };
  };
  const timings = await takeTurns(
    [runner('ours', [40, 30, 31, 35]), runner('peer', [700, 800, 600, 100])],
    3,
  );
  assert.deepEqual(timings, [
    { ms: 31, min: 30 },
    { ms: 600, min: 100 },
  ]);
  const round = ['ours3', 'peer1'];
  assert.deepEqual(order, ['ours1', 'peer1', ...round, ...round, ...round]);
});

test('a target is judged by the row of its own case, and by its peer beside the other levels', () => {
  const row: Row = {
    config: 'a',
    pass: 'train',
    sparsity: 0.9,
    threads: 2,
    engine: 'wasm',
    ms: 10,
    min: 9,
    peer: 'pytorch',
    peerMs: 19.9,
    peerMin: 19,
    ratio: 1.99,
  };
  const others: Row[] = [
    { ...row, peer: 'keras', ratio: 5 },
    { ...row, threads: 1, ratio: 5 },
    // The same turns of the peer.
    { ...row, engine: 'tensorflow', ms: 40, ratio: 0.5 },
    { ...row, sparsity: 0.8, ms: 10, peerMs: 12.5, ratio: 1.25 },
    { ...row, sparsity: 0.95, ms: 5, peerMs: 13.5, ratio: 2.7 },
  ];
  const overhead = { ...row, overhead: 0.1, functions: [] };
  const judged = judge([...others, row], [overhead]).filter(({ measured }) => measured !== undefined);
  assert.deepEqual(
    judged.map(({ target, measured, pooled, reached }) => [target.sparsity, measured, pooled, reached]),
    [
      [0.8, 1.25, 1.35, true],
      [0.9, 1.99, 1.35, false],
      [0.95, 2.7, 2.7, true],
      [0.9, 0.1, undefined, true],
    ],
  );
});

test('a profile becomes the shares of functions in their own time, added up over their places in the calls', () => {
  const node = (id: number, functionName: string, url: string) => ({ id, callFrame: { functionName, url } });
  const shares = functionShares({
    nodes: [
      node(1, 'step', 'file:///somewhere/extension/engine/step.ts'),
      node(2, 'extension/kernels/gates/lstm', 'wasm://wasm/lstm-1234'),
      node(3, 'extension/kernels/gates/lstm', 'wasm://wasm/lstm-1234'),
      node(4, '', 'file:///somewhere/node_modules/@tensorflow/tfjs-core/dist/tensor.js'),
      node(5, '(garbage collector)', ''),
    ],
    samples: [1, 2, 3, 4, 5, 1],
    // Each sample's time ends with the next one.
    timeDeltas: [7, 10, 30, 40, 15, 5],
  });
  assert.deepEqual(shares, [
    { name: 'gates/lstm', place: 'WebAssembly', share: 0.7 },
    { name: '(anonymous)', place: '@tensorflow/tfjs-core', share: 0.15 },
    { name: 'step', place: 'extension/engine/step.ts', share: 0.1 },
    { name: '(garbage collector)', place: 'Node', share: 0.05 },
  ]);
});

test('a run that chooses less does not replace the results of a whole one', () => {
  assert.equal(parseOptions([], 'bench').out, 'bench');
  assert.equal(parseOptions(['--runs', '9'], 'bench').out, undefined);
  const options = parseOptions(['--configs', 'a,c', '--levels', '0,0.9', '--out', 'elsewhere'], 'bench');
  assert.deepEqual([options.configs, options.levels, options.out], [['a', 'c'], [0, 0.9], 'elsewhere']);
  assert.throws(() => parseOptions(['--peers', 'pytorch,theano'], 'bench'), /theano/);
  assert.throws(() => parseOptions(['--runs', '0'], 'bench'), /runs/);
});
