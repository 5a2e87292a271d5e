import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GateView } from '../../../extension/model/gateView.ts';
import type { Parameter } from '../../../extension/model/parameter.ts';
import { planOf } from '../../../extension/pruning/plan.ts';
import { finetune } from '../../../extension/training/finetune.ts';
import { GroupLasso, type WeightGroups } from '../../../extension/training/groupLasso.ts';
import { type MemoryParameter, memoryParameter } from '../../support/memoryModel.ts';
import { learnable } from './learnable.ts';
import { hooks, training } from './trainLearnable.ts';

const indices = (...values: number[]) => Uint32Array.from(values);

/** The whole of a parameter [rows, columns]. */
function matrix(parameter: Parameter): GateView {
  const [rows, columns] = parameter.shape;
  return { parameter, rows, columns, offset: 0, rowStride: columns, columnStride: 1 };
}

/** Each row is a group. */
function byRow(parameter: Parameter): WeightGroups {
  const [rows, columns] = parameter.shape;
  const numbers = indices(...Array(rows).keys());
  return {
    count: rows,
    parts: [{ view: matrix(parameter), rows: numbers, columns: indices(...Array(columns).fill(0)) }],
  };
}

/** Group i is row i and column i of a square matrix, as a hidden unit's recurrent weights. */
function byUnit(parameter: Parameter): WeightGroups {
  const [size] = parameter.shape;
  const view = matrix(parameter);
  const [numbers, zeros] = [indices(...Array(size).keys()), indices(...Array(size).fill(0))];
  return {
    count: size,
    parts: [
      { view, rows: numbers, columns: zeros },
      { view, rows: zeros, columns: numbers },
    ],
  };
}

function shrunk(parameter: MemoryParameter, groups: WeightGroups[], strength: number): Float32Array {
  const values = parameter.values.slice();
  new GroupLasso(groups, 1).shrink(new Map([[parameter, values]]), strength);
  return values;
}

function near(found: ArrayLike<number>, expected: readonly number[]): void {
  const far = expected.findIndex((value, i) => Math.abs(found[i] - value) > 1e-6);
  assert.ok(far < 0 && found.length === expected.length, `${Array.from(found)} is not ${expected}`);
}

const { SQRT2 } = Math;

describe('the proximal step', () => {
  test('shortens each group by ηλ√n, and no group below zero', () => {
    const parameter = memoryParameter('w', [2, 2], [3, -4, 0.3, 0.4]);
    // The first is 5 long, the second 0.5, which is less than 0.5 √2.
    const factor = 1 - (0.5 * SQRT2) / 5;
    near(shrunk(parameter, [byRow(parameter)], 0.5), [3 * factor, -4 * factor, 0, 0]);
    assert.deepEqual([...shrunk(parameter, [byRow(parameter)], 0)], [...parameter.values]);
  });

  test('counts n over all parts of a group, in several parameters', () => {
    const [a, b] = [memoryParameter('a', [1, 1], [3]), memoryParameter('b', [1, 3], [0, 4, 0])];
    const one = { count: 1, parts: [...byRow(a).parts, ...byRow(b).parts] };
    const values = new Map([a, b].map((parameter) => [parameter, parameter.values.slice()]));
    new GroupLasso([one], 2).shrink(values, 0.5);
    // 5 long, of 4 weights.
    near(values.get(a) ?? [], [3 * 0.8]);
    near(values.get(b) ?? [], [0, 4 * 0.8, 0]);
  });

  test('takes the factors of both groups that a weight lies in, and that of one only once', () => {
    const parameter = memoryParameter('w', [2, 2], [2, 1, 2, 4]);
    // Units of three weights each: 2, 1, 2 and 1, 2, 4.
    const [first, second] = [1 - (0.1 * Math.sqrt(3)) / 3, 1 - (0.1 * Math.sqrt(3)) / Math.sqrt(21)];
    const found = shrunk(parameter, [byUnit(parameter)], 0.1);
    near(found, [2 * first, first * second, 2 * first * second, 4 * second]);
  });

  test('is to first order a step along the gradient of Σ √n ‖w‖', () => {
    const parameter = memoryParameter('w', [3, 3], [1, -0.5, 0.3, 0.8, 0.1, -0.9, 0.4, 0.6, -0.2]);
    const penalty = (w: ArrayLike<number>) => {
      let sum = 0;
      for (let unit = 0; unit < 3; unit++) {
        const own = Array.from(w).filter((_, i) => Math.floor(i / 3) === unit || i % 3 === unit);
        sum += Math.sqrt(own.length) * Math.hypot(...own);
      }
      return sum;
    };
    const slopes = Array.from(parameter.values, (_, i) => {
      const moved = (by: number) => Array.from(parameter.values, (value, j) => value + (i === j ? by : 0));
      return (penalty(moved(1e-5)) - penalty(moved(-1e-5))) / 2e-5;
    });
    const strength = 1e-3;
    for (const [i, value] of shrunk(parameter, [byUnit(parameter)], strength).entries())
      assert.ok(Math.abs(parameter.values[i] - value - strength * slopes[i]) < 10 * strength ** 2, `${i}`);
  });

  test('leaves frozen weights as they are, and their size out of n', () => {
    const free = memoryParameter('free', [1, 1], [2]);
    const frozen = { ...memoryParameter('frozen', [1, 3], [9, 9, 9]), trainable: false };
    const groups = { count: 1, parts: [...byRow(free).parts, ...byRow(frozen).parts] };
    near(shrunk(free, [groups], 0.5), [1.5]);
  });
});

describe('trained with group lasso', () => {
  /** How many of six hidden units have lost all their weights, and the last validation loss. */
  async function unitsLost(factor: number, epochs: number): Promise<[lost: number, loss: number]> {
    const model = learnable();
    const plan = planOf({ sparsity: 0, granularity: 'unit' }, { ...model, layers: [model.layer] });
    const groups = plan.sets.flatMap(({ grouping }) => grouping ?? []);
    return training(
      model,
      async (task) => {
        const course = await finetune({ ...task, groupLasso: new GroupLasso(groups, factor) }, hooks);
        const weights = await task.session.weights();
        const lost = new Set<number>();
        const [{ count, parts }] = groups;
        for (let unit = 0; unit < count; unit++) {
          const own = parts
            .filter(({ scored }) => scored)
            .flatMap(({ view, rows, columns }) => {
              const values = weights.get(view.parameter) ?? new Float32Array();
              return Array.from(rows, (row, r) =>
                Array.from(columns, (column, c) =>
                  row + column === unit
                    ? values[view.offset + r * view.rowStride + c * view.columnStride]
                    : 0,
                ),
              ).flat();
            });
          if (own.every((value) => value === 0)) lost.add(unit);
        }
        return [lost.size, course.epochs[epochs - 1].validationLoss];
      },
      { epochs },
    );
  }

  test('whole hidden units go to zero, and what is left still learns', async () => {
    assert.equal((await unitsLost(0, 20))[0], 0);
    const [lost, loss] = await unitsLost(0.3, 120);
    assert.ok(lost >= 1 && lost < 6, `${lost} units`);
    assert.ok(loss < 0.5, `${loss}`);
    assert.equal((await unitsLost(10, 20))[0], 6);
  });
});
