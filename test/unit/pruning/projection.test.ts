// A projection is a matrix of its own: reported, pruned and judged beside the gates.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../../extension/engine/createSession.ts';
import { inspectModel } from '../../../extension/inspection/inspectModel.ts';
import type { Model } from '../../../extension/model/model.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { applyPlan } from '../../../extension/pruning/masks.ts';
import { planOf } from '../../../extension/pruning/plan.ts';
import { prunablesOf } from '../../../extension/pruning/prunable.ts';
import { gatherEvidence } from '../../../extension/training/evidence/gather.ts';
import { findingsOf } from '../../../extension/training/findings/findings.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { UnitGraph } from '../../support/unitGraph.ts';
import { kept } from './shrunkUnits.ts';

/** An LSTM of 4 units that puts out 2 values, with peepholes, and a dense layer over its last output. */
function projected(options: { peepholes?: boolean } = {}) {
  const graph = new UnitGraph();
  const layer = graph.recurrent('lstm', [3, 4], ['x'], {
    ...{ projection: 2, projectionBias: true, peepholes: true },
    node: { outputs: ['lstm', 'lstm/last', 'lstm/h', 'lstm/c', 'lstm/hidden'] },
    ...options,
  });
  const dense = graph.dense('dense', [2, 1], 'lstm/last');
  const solvable = graph.model('dense');
  const model: Model = {
    ...solvable,
    ...{ path: 'memory', format: 'memory', bytes: 1, hasOptimizerState: false },
    save: async () => {},
    checkRebuild: async () => {},
    close: async () => {},
  };
  const [projection] = layer.further.filter(({ name }) => name === 'lstm/projection');
  return { layer, dense, model, projection };
}

function masked({ mask }: { readonly mask?: Uint8Array }): number {
  return mask?.filter((keep) => keep === 0).length ?? 0;
}

async function prune(recipe: Recipe, options: { peepholes?: boolean } = {}) {
  const own = projected(options);
  await applyPlan(planOf(recipe, own.model), { file: 'memory' });
  return own;
}

test('it is prunable behind the gates, has none itself, and its bias is one like the peepholes', () => {
  const { model } = projected();
  const names = prunablesOf(model).map(({ name }) => name);
  assert.deepEqual(names.slice(-2), ['lstm/recurrent/o', 'lstm/projection']);
  assert.equal(names.length, 9);
  const included = prunablesOf(model, { include: 'lstm' }).map(({ name }) => name);
  assert.deepEqual(included, names);
  const named = prunablesOf(model, { include: 'lstm/*' }).map(({ name }) => name);
  assert.deepEqual(named.slice(9), ['lstm/bias', 'lstm/peephole', 'lstm/projection_bias']);
  assert.equal(prunablesOf(model, { exclude: '*/projection' }).length, 8);
});

test('by scope gate and matrix it is a set of its own, by layer it competes with the gates', async () => {
  for (const scope of ['gate', 'matrix'] as const) {
    const { projection } = await prune({ sparsity: 0.5, scope });
    assert.equal(masked(projection), 4);
  }
  const { sets } = planOf({ sparsity: 0.5 }, projected().model);
  assert.deepEqual(
    sets.map(({ members }) => members.length),
    [9],
  );
});

test('targets and gates reach it as what they name', async () => {
  const named = await prune({ sparsity: 0, targets: { 'lstm/projection': 0.25 } });
  assert.equal(masked(named.projection), 2);
  const gates = await prune({ sparsity: 0.5, scope: 'matrix', gates: { i: 1, f: 1, c: 1, o: 1 } });
  assert.equal(masked(gates.projection), 4);
});

test('a hidden unit goes with its column of the projection, and is counted by it', async () => {
  const { projection, layer } = await prune({ granularity: 'unit', sparsity: 0.25 });
  const gone = [0, 1, 2, 3].filter((unit) => projection.mask?.[unit] === 0);
  assert.equal(gone.length, 1);
  assert.equal(projection.mask?.[4 + gone[0]], 0);
  assert.equal(masked(projection), 2);
  // Rows of the recurrent kernel are outputs of the projection, of which none goes.
  const rows = [0, 1].map((row) => layer.recurrent.mask?.subarray(16 * row, 16 * (row + 1)));
  for (const row of rows) assert.equal(row?.filter((keep) => keep === 0).length, 4);
  const loud = projected();
  for (const unit of [0, 1, 2, 3])
    for (const row of [0, 1]) loud.projection.values[4 * row + unit] = unit === 2 ? 1e-6 : 50;
  await applyPlan(planOf({ granularity: 'unit', sparsity: 0.25 }, loud.model), { file: 'memory' });
  assert.equal(loud.projection.mask?.[2], 0);
});

test('a layer whose projection is excluded keeps its units', async () => {
  const { model } = projected();
  const recipe: Recipe = { granularity: 'unit', sparsity: 0.5, exclude: '*/projection' };
  await assertRefuses(() => planOf(recipe, model), 'unitsExcluded', 'lstm');
});

test('its zeros are reported apart and count in the layer’s; peepholes count as bias', async () => {
  const { model, layer, projection } = projected();
  projection.values.fill(0, 0, 3);
  const [report] = (await inspectModel(model)).layers;
  assert.equal(report.projection?.size, 8);
  assert.equal(report.projection?.zeros, 3);
  assert.equal(report.projection?.outputSize, 2);
  const weights = 4 * 4 * (3 + 2) + 8;
  assert.ok(Math.abs(report.sparsity - 3 / weights) < 1e-12);
  const [peephole] = layer.further;
  peephole.values.fill(0, 0, 4);
  const [{ gates }] = (await inspectModel(model)).layers;
  assert.deepEqual([gates.i?.bias?.size, gates.i?.bias?.zeros], [8, 4]);
  assert.deepEqual([gates.c?.bias?.size, gates.f?.bias?.zeros], [4, 0]);
});

test('hidden units are judged by what the projection is applied to, and their norms are its columns’', async () => {
  const { model, layer } = projected();
  const graph = model.graph ?? assert.fail();
  const x = { shape: [5, 4, 3], data: randomFloats(60, seeded(2)) };
  const session = await createSession(graph);
  const source = { session, graph, layers: [layer], inputs: [x], parts: [], fed: [] };
  const { inputNorms, units } = await gatherEvidence(['inputNorms', 'units'], source);
  const [hidden, outputs] = await session.observe([x], ['lstm/hidden', 'lstm']);
  const findings = await findingsOf(source, {});
  await session.dispose();
  const rows = (width: number, data: ArrayLike<number>, column: number) =>
    Array.from({ length: data.length / width }, (_, row) => data[row * width + column]);
  const near = (found: number | undefined, expected: number) =>
    assert.ok(Math.abs((found ?? Number.NaN) - expected) < 1e-6, `${found}, not ${expected}`);
  for (const unit of [0, 1, 2, 3]) {
    const own = rows(4, hidden.data, unit);
    near(inputNorms?.get('lstm/projection')?.[unit], Math.sqrt(own.reduce((sum, h) => sum + h * h, 0) / 20));
    near(units?.get(layer)?.meanAbsolute[unit], own.reduce((sum, h) => sum + Math.abs(h), 0) / 20);
  }
  // What enters a step is the output one step before; at the first step nothing.
  const entered = rows(2, outputs.data, 1).filter((_, row) => row % 4 !== 3);
  near(inputNorms?.get('lstm/recurrent')?.[1], Math.sqrt(entered.reduce((sum, h) => sum + h * h, 0) / 20));
  // Peepholes see cell states, which are not known, so that nothing is said of gates.
  assert.deepEqual(findings.layers, [{ layer: 'lstm', deadUnits: [], gates: [] }]);
});

test('where a node does not show its hidden units, nothing is said of them', async () => {
  const { model, layer } = projected();
  const whole = model.graph ?? assert.fail();
  const nodes = whole.nodes.map((node) =>
    'layer' in node ? { ...node, outputs: node.outputs.slice(0, 4) } : node,
  );
  const graph = { ...whole, nodes };
  const session = await createSession(graph);
  const x = { shape: [2, 4, 3], data: randomFloats(24, seeded(2)) };
  const findings = await findingsOf({ session, graph, layers: [layer], inputs: [x] }, {});
  await session.dispose();
  assert.deepEqual(findings.layers, []);
});

test('more units than outputs stay where the file must have it so', async () => {
  const { layer, model, projection } = projected();
  projection.values.fill(0);
  projection.values.set([0.5, 0, 0, 0, 0.7, 0, 0, 0]);
  assert.deepEqual(await kept(model, layer.kernel), [null, lstmColumns(0)]);
  assert.deepEqual(await kept({ ...model, narrowProjections: true }, layer.kernel), [
    null,
    lstmColumns(0, 2, 3),
  ]);
});

/** Of the kernel of 4 units, the columns of these in each of the gates. */
function lstmColumns(...units: number[]): number[] {
  return [0, 1, 2, 3].flatMap((gate) => units.map((unit) => gate * 4 + unit));
}
