import { matMul, sumRows } from '../../../extension/engine/reference/matMul.ts';
import { seeded } from '../../support/random.ts';
import { type KernelCase, kernelTable, randomFloats } from './kernelTable.ts';

/** Rows, columns and depth: nothing, one, around the tile of 4 × 8, and across the blocks of 256. */
const sizes: [m: number, n: number, k: number][] = [
  [0, 5, 3],
  [5, 0, 3],
  [3, 5, 0],
  [1, 1, 1],
  [1, 7, 13],
  [3, 8, 5],
  [4, 8, 4],
  [5, 9, 7],
  [13, 31, 33],
  [33, 3, 31],
  [7, 270, 20],
  [9, 17, 260],
  [260, 5, 513],
];

const next = seeded(7);
const cases: KernelCase[] = [];
for (const [m, n, k] of sizes) {
  const a = randomFloats(m * k, next);
  const b = randomFloats(k * n, next);
  const bias = randomFloats(n, next);
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      for (const biased of [false, true]) {
        const given = [transposeA ? 'Aᵀ' : 'A', transposeB ? 'Bᵀ' : 'B', ...(biased ? ['bias'] : [])];
        cases.push({
          name: `${m} × ${k} times ${k} × ${n}, given ${given.join(', ')}`,
          // Sums of 513 in single precision.
          tolerance: 4e-6,
          expected: () => matMul({ m, n, k }, a, transposeA, b, transposeB, biased ? bias : undefined),
          compute: (bench) => {
            const c = bench.room(m * n);
            const operands = [bench.put(a), Number(transposeA), bench.put(b), Number(transposeB), c];
            const packed = [bench.room((m + 3) * k), bench.room((n + 7) * k)];
            bench.run('matMul', m, n, k, ...operands, biased ? bench.put(bias) : 0, ...packed);
            return bench.floats(c, m * n);
          },
        });
      }
    }
  }
}
kernelTable('products', cases);

kernelTable(
  'sums over rows',
  [
    [0, 3],
    [1, 1],
    [5, 7],
    [64, 16],
    [200, 33],
    [1000, 65],
  ].map(([rows, columns]) => {
    const source = randomFloats(rows * columns, next);
    return {
      name: `${rows} rows of ${columns}`,
      tolerance: 1e-6,
      expected: () => sumRows(source, columns),
      compute: (bench) => {
        const sums = bench.room(columns);
        bench.run('sumRows', bench.put(source), rows, columns, sums);
        return bench.floats(sums, columns);
      },
    };
  }),
);
