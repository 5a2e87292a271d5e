import { gatherRows, scatterRows } from '../../../extension/engine/reference/embedding.ts';
import { seeded } from '../../support/random.ts';
import { kernelTable, randomFloats } from './kernelTable.ts';

const next = seeded(11);
const cases = [
  { vocabulary: 1, width: 1, count: 1 },
  { vocabulary: 3, width: 5, count: 0 },
  { vocabulary: 7, width: 13, count: 40 },
  { vocabulary: 50, width: 32, count: 33 },
  { vocabulary: 5, width: 70, count: 300 },
].map(({ vocabulary, width, count }) => ({
  name: `${count} rows of a table of ${vocabulary} × ${width}`,
  vocabulary,
  width,
  count,
  table: randomFloats(vocabulary * width, next),
  ids: Int32Array.from({ length: count }, () => Math.floor(next() * vocabulary)),
  dy: randomFloats(count * width, next),
}));

kernelTable(
  'rows of a table',
  cases.map(({ name, width, count, table, ids }) => ({
    name,
    tolerance: 0,
    expected: () => gatherRows(table, ids, width),
    compute: (bench) => {
      const rows = bench.room(count * width);
      bench.run('gatherRows', bench.put(table), bench.put(ids), count, width, rows);
      return bench.floats(rows, count * width);
    },
  })),
);

kernelTable(
  'gradients of a table',
  cases.map(({ name, vocabulary, width, count, dy, ids }) => ({
    name,
    tolerance: 0,
    expected: () => scatterRows(dy, ids, width, vocabulary),
    compute: (bench) => {
      const table = bench.room(vocabulary * width);
      bench.run('scatterRows', bench.put(dy), bench.put(ids), count, width, vocabulary, table);
      return bench.floats(table, vocabulary * width);
    },
  })),
);
