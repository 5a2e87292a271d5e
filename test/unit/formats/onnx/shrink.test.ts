import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Model } from '../../../../extension/model/model.ts';
import { readMasked } from '../../../../extension/model/parameter.ts';
import { solveShrinking } from '../../../../extension/pruning/units/shrink.ts';
import { unitSetsOf } from '../../../../extension/pruning/units/unitSets.ts';
import { maskUnit } from '../../../support/maskUnits.ts';
import {
  attribute,
  externalTensor,
  int64Tensor,
  model,
  node,
  tensor,
  value,
} from '../../../support/onnxFile.ts';
import { gateValues, parsed, withOnnx } from '../../../support/openOnnx.ts';
import { field } from '../../../support/protobuf.ts';

const folder = mkdtempSync(join(tmpdir(), 'lstm-pruner-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const [inputs, hidden, outputs] = [3, 4, 2];
const counted = (count: number, first = 1) => Array.from({ length: count }, (_, i) => first + i);
/** One GRU and a MatMul behind it, through a Reshape whose target another node reads, too. */
const W = counted(3 * hidden * inputs);
const R = counted(3 * hidden * hidden, 100);
const head = counted(hidden * outputs, 500);
const unknown = field(777, 'not known to anybody');

function written(name: string, weights: readonly Buffer[], nodes: readonly Buffer[] = [], w = 'W'): string {
  const path = join(folder, name, 'model.onnx');
  mkdirSync(dirname(path), { recursive: true });
  const bytes = model(
    {
      nodes: [
        ...nodes,
        node('GRU', ['X', w, 'R', '', '', 'zeros'], ['Y'], [attribute('hidden_size', hidden)], {
          name: 'rnn',
        }),
        node('Reshape', ['Y', 'shape'], ['flat'], [], { name: 'flatten' }),
        node('MatMul', ['flat', 'head'], ['out']),
      ],
      initializers: [
        ...weights,
        int64Tensor('shape', [3], [0, -1, hidden]),
        tensor('zeros', [1, 1, hidden], Array(hidden).fill(0)),
      ],
      inputs: [value('X', ['time', 1, inputs])],
      outputs: [value('out', ['time', 1, outputs])],
      more: [
        field(13, value('flat', ['time', 1, hidden])),
        field(13, value('Y', ['time', 1, 1, hidden])),
        unknown,
      ],
    },
    [unknown],
  );
  writeFileSync(path, bytes);
  return path;
}

const whole = [
  Buffer.concat([tensor('W', [1, 3 * hidden, inputs], W), unknown]),
  tensor('R', [1, 3 * hidden, hidden], R),
  tensor('head', [hidden, outputs], head),
];

/** Saves a model without the second and the third unit: the path of what was written. */
async function shrunk(path: string): Promise<string> {
  return withOnnx(path, async (open) => {
    assert.ok(open.graph, JSON.stringify(open.notEvaluable));
    for (const set of unitSetsOf(open)) for (const unit of [1, 2]) maskUnit(set, unit);
    const { shrinking, frozen } = await solveShrinking(open, readMasked);
    assert.ok(shrinking, JSON.stringify(frozen));
    const target = open.folder ? `${dirname(path)}.shrunk` : `${path}.shrunk.onnx`;
    await open.save(target, { compress: false, shrink: shrinking });
    return open.folder ? join(target, basename(path)) : target;
  });
}

/** What stays of rows of `columns` values, gate by gate, in the gate of this number: units 0 and 3. */
const rows = (values: readonly number[], gate: number, columns: number) =>
  [0, 3].flatMap((unit) =>
    values.slice((gate * hidden + unit) * columns, (gate * hidden + unit + 1) * columns),
  );

async function assertCut({ layers: [layer], parameters }: Model): Promise<void> {
  assert.equal(layer.hiddenSize, 2);
  const values = await gateValues(layer);
  for (const [g, gate] of ['z', 'r', 'h'].entries()) {
    assert.deepEqual(values[gate].kernel, rows(W, g, inputs));
    assert.deepEqual(
      values[gate].recurrent,
      rows(R, g, hidden).filter((_, i) => i % hidden === 0 || i % hidden === 3),
    );
  }
  const found = parameters.find(({ name }) => name === 'head');
  assert.deepEqual(found?.shape, [2, outputs]);
  assert.deepEqual([...((await found?.read()) ?? [])], [...head.slice(0, 2), ...head.slice(6)]);
}

describe('hidden units leave an ONNX file', () => {
  test('with their weights, the size of the node, lengths and shapes; what is not known stays', async () => {
    const path = await shrunk(written('whole', whole));
    await withOnnx(path, assertCut);
    const { graph } = await parsed(path);
    const [rnn, flatten] = graph.nodes;
    assert.equal(rnn.attributes.get('hidden_size')?.int, 2);
    assert.deepEqual(graph.initializers.get(flatten.inputs[1])?.small, [0, -1, 2]);
    assert.deepEqual(graph.valueInfo.get('flat')?.dims, ['time', 1, 2]);
    assert.deepEqual(graph.outputs[0].dims, ['time', 1, outputs]);
    assert.equal(readFileSync(path).toString('latin1').split('not known to anybody').length, 4);
  });

  test('and so do the zeros that a state began with, which are of its size', async () => {
    const { graph } = await parsed(await shrunk(written('zeros', whole)));
    assert.equal(graph.nodes[0].inputs[5], '');
    assert.equal(graph.initializers.has('zeros'), false);
    assert.equal(graph.initializers.has('shape'), false);
  });

  test('of weights that nodes cut and join, where the bounds follow', async () => {
    // Kept in the order r, z, h.
    const block = hidden * inputs;
    const torch = tensor(
      'torch',
      [3 * hidden, inputs],
      [...W.slice(block, 2 * block), ...W.slice(0, block), ...W.slice(2 * block)],
    );
    const bound = (name: string, at: number) => int64Tensor(name, [1], [at]);
    const nodes = [
      node('Slice', ['torch', 'four', 'eight', 'none'], ['z']),
      node('Slice', ['torch', 'none', 'four', 'none'], ['r']),
      node('Slice', ['torch', 'eight', 'most', 'none'], ['h']),
      node('Concat', ['z', 'r', 'h'], ['joined'], [attribute('axis', 0)]),
      node('Unsqueeze', ['joined', 'none'], ['W1']),
    ];
    const bounds = [
      bound('none', 0),
      bound('four', 4),
      bound('eight', 8),
      bound('most', Number.MAX_SAFE_INTEGER),
    ];
    const path = await shrunk(written('sliced', [torch, ...bounds, ...whole.slice(1)], nodes, 'W1'));
    await withOnnx(path, assertCut);
  });

  test('of weights in another file, whose tensors still begin where pages do', async () => {
    const page = 64;
    const beside = Buffer.alloc(7 * page, 0x55);
    const place = (name: string, dims: number[], at: number, values: readonly number[]) => {
      const bytes = Buffer.from(Float32Array.from(values).buffer);
      bytes.copy(beside, at);
      return externalTensor(name, dims, {
        location: 'w.bin',
        offset: String(at),
        length: String(bytes.length),
        checksum: 'old',
      });
    };
    const weights = [
      place('W', [1, 3 * hidden, inputs], 0, W),
      place('R', [1, 3 * hidden, hidden], 3 * page, R),
      place('head', [hidden, outputs], 6 * page, head),
    ];
    const path = written('outside', weights);
    writeFileSync(join(dirname(path), 'w.bin'), beside);
    const target = await shrunk(path);
    await withOnnx(target, assertCut);
    for (const { values } of (await parsed(target)).graph.initializers.values()) {
      if (values.kind === 'external') assert.equal(values.offset % page, 0);
    }
    // W loses a page and a bit of its 144 bytes, R two and a bit of its 192: of both, whole pages go.
    assert.equal(readFileSync(join(dirname(target), 'w.bin')).length, 4 * page);
    assert.doesNotMatch(readFileSync(target).toString('latin1'), /checksum/);
  });
});
