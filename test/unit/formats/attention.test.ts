import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GraphNode } from '../../../extension/model/graph.ts';
import { weight } from './open.ts';
import { bare, kerasTensor, overInputs } from './overInputs.ts';

const a = kerasTensor(['a', 0, 0]);

test('attention is causal where its call says so, or in files of old its configuration', async () => {
  const causal = { use_causal_mask: true };
  const kinds: [version: string, config: object, keywords: object, isCausal: true | undefined][] = [
    ['3.15.0', {}, causal, true],
    ['3.15.0', {}, { use_causal_mask: false }, undefined],
    ['2.15.0', {}, causal, true],
    ['2.3.1', { causal: true }, {}, true],
    ['2.3.1', { causal: false }, {}, undefined],
  ];
  for (const className of ['Attention', 'AdditiveAttention'])
    for (const [version, config, keywords, isCausal] of kinds) {
      const layer = {
        class_name: className,
        config: { name: 'layer', trainable: true, use_scale: false, ...config },
      };
      const inbound_nodes = version.startsWith('3')
        ? [{ args: [[a, a]], kwargs: keywords }]
        : [
            [
              ['a', 0, 0, keywords],
              ['a', 0, 0, {}],
            ],
          ];
      const { nodes } = await overInputs({ ...layer, inbound_nodes }, [false], version);
      const [node] = nodes;
      assert.ok(node.op === 'Attention');
      assert.equal(node.causal, isCausal, `${className} ${version} ${JSON.stringify([config, keywords])}`);
    }
});

for (const [className, score] of [
  ['Attention', 'dot'],
  ['AdditiveAttention', 'additive'],
] as const) {
  test(`${className} reads query and value with their masks; the query's goes on`, async () => {
    const layer = { class_name: className, config: { name: 'layer', use_scale: false, trainable: true } };
    for (const masked of [
      [true, false],
      [false, true],
      [true, true, true],
    ]) {
      const { nodes, mask } = await overInputs(layer, masked, '3.15.0');
      const masks = masked.map((is, i) =>
        is
          ? nodes.find(({ op, inputs }) => op === 'NotEqualMask' && inputs[0] === 'abc'[i])?.outputs[0]
          : undefined,
      );
      const node = nodes.find(({ op }) => op === 'Attention') as GraphNode;
      assert.deepEqual(bare(node), { op: 'Attention', score, masks: masks.slice(0, 2) });
      assert.equal(node.inputs.length, masked.length);
      assert.equal(mask, masks[0]);
    }
  });

  test(`${className} takes its scale and its dropout`, async () => {
    const layer = {
      class_name: className,
      config: { name: 'layer', use_scale: true, dropout: 0.25, trainable: true },
    };
    const scale = weight('layer/scale:0', ...(score === 'dot' ? [] : [3]));
    const { nodes } = await overInputs(layer, [false, false], '2.15.0', { layer: [scale] });
    const [node] = nodes;
    assert.ok(node.op === 'Attention');
    assert.deepEqual([node.scale?.name, node.dropout, node.masks], ['layer/scale', 0.25, undefined]);
  });
}
