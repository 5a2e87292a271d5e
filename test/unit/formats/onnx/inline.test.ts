// Functions of an ONNX model's own: their nodes stand where they are called.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attribute, graph, model, node, recurrentWeights, tensor, value } from '../../../support/onnxFile.ts';
import { withOnnx } from '../../../support/openOnnx.ts';
import { processorLimit } from '../../../support/processorLimit.ts';
import { field } from '../../../support/protobuf.ts';
import { scratchFiles } from '../../../support/scratch.ts';
import { assertRefuses } from '../../../support/throwsCode.ts';

const write = scratchFiles();

/** A FunctionProto of the domain `mine`. */
function ofMine(
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  nodes: readonly Buffer[],
  defaults: readonly Buffer[] = [],
): Buffer {
  const parts = [
    field(1, name),
    field(10, 'mine'),
    ...inputs.map((one) => field(4, one)),
    ...outputs.map((one) => field(5, one)),
    ...nodes.map((one) => field(7, one)),
    ...defaults.map((one) => field(11, one)),
  ];
  return field(25, Buffer.concat(parts));
}

const refersTo = (name: string, to: string, type: number) =>
  Buffer.concat([field(1, name), field(21, to), field(20, type)]);
const call = (
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  more: readonly Buffer[] = [],
) => node(name, inputs, outputs, more, { domain: 'mine' });

const { W, R } = recurrentWeights('LSTM', { inputs: 2, hidden: 2 });
const encoder = ofMine(
  'Encoder',
  ['x', 'w', 'r', 'b'],
  ['y'],
  [
    node('LSTM', ['x', 'w', 'r', 'b'], ['y4'], [refersTo('direction', 'way', 3)], { name: 'lstm' }),
    node('Constant', [], ['factors'], [attribute('value', { tensor: tensor('', [2], [0.5, 2]) })], {
      name: 'factors',
    }),
    node('Constant', [], ['axis'], [attribute('value_ints', [1])]),
    node('Squeeze', ['y4', 'axis'], ['flat']),
    node('Mul', ['flat', 'factors'], ['y']),
  ],
  [attribute('way', 'reverse')],
);

const opened = <T>(
  nodes: readonly Buffer[],
  functions: readonly Buffer[],
  work: Parameters<typeof withOnnx<T>>[1],
) =>
  withOnnx(
    write(
      'model.onnx',
      model(
        {
          nodes,
          initializers: [W, R],
          inputs: [value('x', ['steps', 'batch', 2])],
          outputs: [value('out', [])],
        },
        functions,
      ),
    ),
    work,
  );

describe('functions of an ONNX model', () => {
  test('have nodes of their own at each call, by the attributes of the call or their defaults, and constants once', async () => {
    const nodes = [
      call('Encoder', ['x', 'W', 'R'], ['first']),
      call('Encoder', ['first', 'W', 'R', ''], ['out'], [attribute('way', 'forward')]),
    ];
    await opened(nodes, [encoder], async ({ graph: made, layers, parameters, notEvaluable }) => {
      assert.ok(made, JSON.stringify(notEvaluable));
      assert.deepEqual(
        layers.map(({ name, direction }) => ({ name, direction })),
        [
          { name: 'first/lstm', direction: 'backward' },
          { name: 'out/lstm', direction: 'forward' },
        ],
      );
      assert.deepEqual(
        made.nodes.filter(({ op }) => op === 'LSTM').map(({ inputs }) => inputs.length),
        [1, 1],
      );
      assert.deepEqual(parameters.map(({ name }) => name).sort(), ['R', 'W', 'first/factors']);
    });
  });

  test('keep their hidden units, as other calls may go by the same nodes', async () => {
    await opened([call('Encoder', ['x', 'W', 'R'], ['out'])], [encoder], async ({ checkRebuild }) => {
      await assertRefuses(() => checkRebuild('shrink'), 'shrinkUnsupported', 'Encoder');
    });
  });

  test('are seen through the bodies of nodes, and give these the names of the call', async () => {
    const encoded = (output: string) =>
      graph({ nodes: [call('Encoder', ['x', 'w', 'r', ''], [output])], outputs: [value(output, [])] });
    const choice = ofMine(
      'Choice',
      ['x', 'w', 'r'],
      ['y'],
      [
        node('Constant', [], ['yes'], [attribute('value_ints', [1])]),
        node(
          'If',
          ['yes'],
          ['y'],
          [
            attribute('then_branch', { graph: encoded('one') }),
            attribute('else_branch', { graph: encoded('other') }),
          ],
        ),
      ],
    );
    await opened(
      [call('Choice', ['x', 'W', 'R'], ['out'])],
      [choice, encoder],
      async ({ graph: made, layers }) => {
        assert.deepEqual(
          made?.nodes.map(({ op }) => op),
          ['LSTM', 'Weight', 'Mul'],
        );
        assert.deepEqual(
          layers.map(({ name }) => name),
          ['out/one/lstm'],
        );
      },
    );
  });

  test('end in a message where they are called too often to be gone through', async () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `a${i}`);
    const calls = Array.from({ length: 2000 }, (_, i) => call('Wide', ['x'], [`y${i}`]));
    const withinLimit = processorLimit(2000);
    await assertRefuses(
      () => opened(calls, [ofMine('Wide', names, ['y'], [])], async () => {}),
      'fileDamaged',
    );
    withinLimit();
  });

  test('may all be called by one name', async () => {
    const calls = Array.from({ length: 12_000 }, (_, i) =>
      node('Empty', ['x'], [`y${i}`], [], { domain: 'mine', name: 'c' }),
    );
    const withinLimit = processorLimit(2000);
    const nodes = [...calls, call('Encoder', ['x', 'W', 'R'], ['out'])];
    await opened(nodes, [encoder, ofMine('Empty', ['x'], ['y'], [])], async ({ layers }) =>
      assert.equal(layers.length, 1),
    );
    withinLimit();
  });
});
