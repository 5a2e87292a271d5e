import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuEngine } from '../../../extension/engine/cpu/engine.ts';
import { graphSession } from '../../../extension/engine/graphSession.ts';
import { trainingSession } from '../../../extension/engine/trainingSession.ts';
import { branchingCases } from '../../support/branchingGraphs.ts';
import { engineTable } from '../../support/engineTable.ts';
import { exportedCases } from '../../support/exportedGraphs.ts';
import { lossTable } from '../../support/lossTable.ts';
import type { MemoryParameter } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';
import { remaskTable } from '../../support/remaskTable.ts';
import { scheduleTable } from '../../support/scheduleTable.ts';
import { tfliteCellCases } from '../../support/tfliteCells.ts';
import { type TrainingCase, trainingCases } from '../../support/trainingGraphs.ts';

const plain = async () => cpuEngine;

engineTable(plain, plain);
remaskTable(plain);
scheduleTable(plain);
lossTable(plain);

const plainSteps = { name: 'sgd', momentum: 0, nesterov: false } as const;
/** A thousandth of a weight's range: the loss is float64 over float32 outputs, so the slope is good to about 1e-4. */
const reach = 1e-3;

for (const one of [...trainingCases(), ...branchingCases(), ...exportedCases(), ...tfliteCellCases()]) {
  test(`${one.name}: each gradient is the slope of the loss`, async () => {
    const session = await trainingSession(one.graph, cpuEngine, plainSteps, []);
    const { gradients, loss } = await session.gradients({ inputs: one.inputs });
    await session.dispose();
    assert.ok(Math.abs((await lossAt(one)) - loss) < 1e-6);
    for (const parameter of one.parameters) {
      // Uphill in every coordinate, so that nothing cancels: the slope is the sum of magnitudes.
      const gradient = gradients.get(parameter) as Float32Array;
      const uphill = gradient.map(Math.sign);
      const slope = gradient.reduce((sum, value) => sum + Math.abs(value), 0);
      const measured =
        ((await lossAt(one, parameter, uphill, reach)) - (await lossAt(one, parameter, uphill, -reach))) /
        (2 * reach);
      const off = Math.abs(measured - slope);
      assert.ok(off < 0.01 * slope + 1e-4, `${parameter.name}: ${slope}, measured ${measured}`);
      // A gradient that is too short would pass the above where it is 0 everywhere.
      const next = seeded(5);
      const anywhere = gradient.map(() => 2 * next() - 1);
      const along = gradient.reduce((sum, value, i) => sum + value * anywhere[i], 0);
      const there =
        ((await lossAt(one, parameter, anywhere, reach)) - (await lossAt(one, parameter, anywhere, -reach))) /
        (2 * reach);
      assert.ok(
        Math.abs(there - along) < 0.01 * slope + 1e-4,
        `${parameter.name}: ${along}, measured ${there}`,
      );
    }
  });
}

/** The loss, with a parameter moved along a direction. */
async function lossAt(
  one: TrainingCase,
  moved?: MemoryParameter,
  direction?: Float32Array,
  by = 0,
): Promise<number> {
  const saved = moved?.values.slice();
  for (let i = 0; i < (direction?.length ?? 0); i++) {
    (moved as MemoryParameter).values[i] += by * (direction as Float32Array)[i];
  }
  const session = await graphSession(one.graph, cpuEngine, []);
  const [{ data }] = await session.observe(one.inputs, ['loss']);
  await session.dispose();
  if (saved) moved?.values.set(saved);
  return data[0];
}
