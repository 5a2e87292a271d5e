import {
  fromPanels,
  type PanelLayout,
  packRows,
  recurrentRuns,
  toPanels,
} from '../../../extension/engine/reference/panels.ts';
import { seeded } from '../../support/random.ts';
import { type Bench, type KernelCase, kernelTable, randomFloats } from './kernelTable.ts';

const next = seeded(31);

interface PanelCase {
  readonly layout: PanelLayout;
  readonly x: Float32Array;
  readonly panels: Float32Array;
  readonly mask: Int32Array | undefined;
  readonly dropout: Float32Array | undefined;
}

const layouts = [
  [1, 1, 1, 4],
  [1, 3, 7, 1],
  [1, 5, 8, 1],
  [3, 4, 5, 4],
  [5, 3, 9, 4],
  [8, 2, 4, 8],
  [13, 11, 6, 12],
  [33, 5, 3, 16],
  [40, 2, 13, 32],
  [6, 0, 3, 8],
].flatMap(([batch, steps, rows, width]) =>
  [false, true].map((reverse): PanelLayout => ({ batch, steps, rows, width, reverse })),
);

function caseOf(layout: PanelLayout, masked: boolean, dropping: boolean): PanelCase {
  const { batch, steps, rows, width } = layout;
  const samples = Math.ceil(batch / width) * width;
  // A sample that only fills a panel is never there.
  const bit = (i: number) => (i % samples < batch && next() < 0.7 ? -1 : 0);
  const mask = masked ? Int32Array.from({ length: steps * samples }, (_, i) => bit(i)) : undefined;
  const x = randomFloats(batch * steps * rows, next);
  // What is masked may be anything.
  const present = mask && fromPanels({ ...layout, rows: 1 }, Float32Array.from(mask), undefined);
  if (present) for (const i of x.keys()) if (present[Math.floor(i / rows)] === 0) x[i] = Number.NaN;
  const panels = toPanels(layout, x, undefined, undefined);
  return { layout, x, panels, mask, dropout: dropping ? randomFloats(samples * rows, next) : undefined };
}

function titleOf({ layout: { batch, steps, rows, width, reverse }, mask, dropout }: PanelCase): string {
  const more = [reverse && 'reversed', mask && 'masked', dropout && 'dropped'].filter(Boolean);
  return [`[${batch}, ${steps}, ${rows}] in panels of ${width}`, ...more].join(', ');
}

const cases = layouts.flatMap((layout) =>
  [false, true].flatMap((masked) => [false, true].map((dropping) => caseOf(layout, masked, dropping))),
);
const optional = (bench: Bench, values: Float32Array | Int32Array | undefined) =>
  values ? bench.put(values) : 0;

kernelTable(
  'into panels',
  cases.map((one): KernelCase => {
    const { layout, x, panels, mask, dropout } = one;
    const { batch, steps, rows, width, reverse } = layout;
    return {
      name: titleOf(one),
      tolerance: 0,
      expected: () => toPanels(layout, x, mask, dropout),
      compute: (bench) => {
        const out = bench.room(panels.length);
        const sizes = [batch, steps, rows, width, Math.ceil(batch / width), Number(reverse)];
        const extras = [optional(bench, mask), optional(bench, dropout)];
        bench.run('toPanels', bench.put(x), ...sizes, ...extras, out);
        return bench.floats(out, panels.length);
      },
    };
  }),
);

kernelTable(
  'out of panels',
  cases
    .filter(({ dropout }) => !dropout)
    .map((one): KernelCase => {
      const { layout, x, panels, mask } = one;
      const { batch, steps, rows, width, reverse } = layout;
      return {
        name: titleOf(one),
        tolerance: 0,
        expected: () => fromPanels(layout, panels, mask),
        compute: (bench) => {
          const y = bench.room(x.length);
          const sizes = [batch, steps, rows, width, Math.ceil(batch / width), Number(reverse)];
          bench.run('fromPanels', bench.put(panels), ...sizes, optional(bench, mask), y);
          return bench.floats(y, x.length);
        },
      };
    }),
);

kernelTable(
  'rows as runs',
  cases
    .filter(({ layout, mask, dropout }) => !layout.reverse && !mask && !dropout)
    .flatMap((one) => [1, 2, 7].map((block) => ({ one, block })))
    .map(({ one, block }): KernelCase => {
      const { layout, panels } = one;
      const { batch, steps, rows, width } = layout;
      const expected = recurrentRuns(layout, panels, block);
      const samples = width === 1 ? 1 : Math.ceil(batch / 4) * 4;
      return {
        name: `${titleOf(one)}, ${block} steps at once`,
        tolerance: 0,
        expected: () => expected,
        compute: (bench) => {
          const out = bench.room(expected.length);
          const sizes = [rows, rows, width, Math.ceil(batch / width), samples, steps, block];
          bench.run('recurrentRuns', bench.put(panels), ...sizes, out);
          return bench.floats(out, expected.length);
        },
      };
    }),
);

kernelTable(
  'packed matrices',
  [
    [1, 1],
    [4, 8],
    [5, 3],
    [13, 17],
    [64, 33],
  ].flatMap(([rows, columns]) => {
    const matrix = randomFloats(rows * columns, next);
    const transposed = Float32Array.from(
      matrix,
      (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)],
    );
    const packed = (kernel: string, expected: Float32Array): KernelCase => ({
      name: `${kernel} of [${rows}, ${columns}]`,
      tolerance: 0,
      expected: () => expected,
      compute: (bench) => {
        const out = bench.room(expected.length);
        bench.run(kernel, bench.put(matrix), rows, columns, out);
        return bench.floats(out, expected.length);
      },
    });
    return [
      packed('recurrentPack', packRows(matrix, columns)),
      packed('recurrentPackTransposed', packRows(transposed, rows)),
    ];
  }),
);

kernelTable(
  'values in another order',
  [0, 1, 5, 1000].map((count): KernelCase => {
    const values = randomFloats(count, next);
    const order = Int32Array.from({ length: count }, () => Math.floor(next() * count));
    return {
      name: `${count} values`,
      tolerance: 0,
      expected: () => Float32Array.from(order, (place) => values[place]),
      compute: (bench) => {
        const out = bench.room(count);
        bench.run('sparsePermute', bench.put(values), bench.put(order), count, out);
        return bench.floats(out, count);
      },
    };
  }),
);
