import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engine } from '../../extension/engine/engine.ts';
import type { GraphNode, LossNode } from '../../extension/model/graph.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import { byName, session } from './engineTable.ts';
import { Sketch, type TrainingCase } from './trainingGraphs.ts';

const steps = 4;

/**
 * A student that is to find classes (the first loss, where `given` says they are known) and what a teacher thinks of them (the second,
 * where `taught` says so), softened by a temperature of 4.
 */
export function student(given: readonly number[], taught: readonly number[]): TrainingCase {
  const sketch = new Sketch();
  sketch.recurrent('LSTM', [3, 5], { inputs: ['x'], outputs: ['sequence', 'last'] });
  sketch.dense('sequence', 'logits', [5, 3]);
  sketch.nodes.push({
    op: 'Scale',
    factor: 0.25,
    inputs: ['logits'],
    outputs: ['soft'],
    origin: 'temperature',
  });
  const mask = (of: readonly number[]): Tensor => ({ shape: [1, steps], data: Float32Array.from(of) });
  const loss = {
    name: 'sparse_categorical_crossentropy',
    head: 'softmax',
    width: 3,
    fromLogits: true,
  } as const;
  const one = sketch.case('student', 'logits', loss, [
    ['x', sketch.floats(1, steps, 3)],
    ['given', mask(given)],
    ['taught', mask(taught)],
    [
      'teacher',
      { shape: [1, steps, 3], data: new Float32Array(3 * steps).map((_, i) => [0.5, 0.2, 0.3][i % 3]) },
    ],
    ['targets', sketch.classes(3, 1, steps)],
  ]);
  const first = one.graph.nodes.at(-1) as LossNode;
  const second: LossNode = {
    ...first,
    loss: { ...loss, name: 'categorical_crossentropy' },
    inputs: ['soft', 'teacher'],
    outputs: ['second loss', 'second rows'],
    mask: 'taught',
    factor: 9.6,
  };
  const nodes = [...one.graph.nodes.slice(0, -1), { ...first, mask: 'given', factor: 0.4 }, second];
  return { ...one, graph: { ...one.graph, nodes } };
}

/** Where there are several losses, every engine must lower their sum. */
export function lossTable(open: () => Promise<Engine>): void {
  const gradientsOf = async (one: TrainingCase, keep: (node: GraphNode) => boolean) => {
    const nodes = one.graph.nodes.filter((node) => node.op !== 'Loss' || keep(node));
    const training = await session({ ...one, graph: { ...one.graph, nodes } }, await open());
    const result = await training.gradients({ inputs: one.inputs });
    await training.dispose();
    return { ...result, gradients: byName(result.gradients) };
  };
  const all = () => true;
  const first = ({ outputs }: GraphNode) => outputs[0] === 'loss';
  const second = (node: GraphNode) => !first(node);

  test('several losses are one: their sum, each by its factor, and so are their gradients', async () => {
    const one = student([1, 1, 0, 1], [0, 1, 1, 0]);
    const [sum, a, b] = [
      await gradientsOf(one, all),
      await gradientsOf(one, first),
      await gradientsOf(one, second),
    ];
    assert.ok(Math.abs(sum.loss - (a.loss + b.loss)) < 1e-5, `${sum.loss}: ${a.loss} + ${b.loss}`);
    assert.ok(a.loss > 0 && b.loss > 0);
    assert.deepEqual([sum.rows, a.rows, b.rows], [3, 3, 2]);
    for (const [name, values] of sum.gradients)
      for (const [i, value] of values.entries()) {
        const parts = [a, b].map(({ gradients }) => gradients.get(name)?.[i] ?? Number.NaN);
        assert.ok(Math.abs(value - parts[0] - parts[1]) < 1e-5, `${name} ${i}: ${value}, not ${parts}`);
      }
  });

  test('a factor is not in what a loss puts out, but in what is lowered', async () => {
    const one = student([1, 1, 0, 1], [0, 1, 1, 0]);
    const training = await session(one, await open());
    const [mean, other] = await training.observe(one.inputs, ['loss', 'second loss']);
    const { loss } = await training.step({ inputs: one.inputs }, { learningRate: 0.1 });
    const [after, otherAfter] = await training.observe(one.inputs, ['loss', 'second loss']);
    await training.dispose();
    const lowered = (a: Tensor, b: Tensor) => 0.4 * a.data[0] + 9.6 * b.data[0];
    assert.ok(Math.abs(loss - lowered(mean, other)) < 1e-5, `${loss}, not ${lowered(mean, other)}`);
    assert.ok(lowered(after, otherAfter) < loss);
  });

  test('a loss of a batch in which it has no rows adds nothing', async () => {
    const untaught = student([1, 1, 0, 1], [0, 0, 0, 0]);
    assert.deepEqual(await gradientsOf(untaught, all), await gradientsOf(untaught, first));
    const ungiven = student([0, 0, 0, 0], [0, 1, 1, 0]);
    const { rows, ...rest } = await gradientsOf(ungiven, all);
    assert.equal(rows, 0);
    const { rows: _, ...expected } = await gradientsOf(ungiven, second);
    assert.deepEqual(rest, expected);
  });
}
