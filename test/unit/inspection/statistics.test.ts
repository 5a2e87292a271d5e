import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Blocks } from '../../../extension/inspection/blocks.ts';
import { MagnitudeKernel } from '../../../extension/inspection/magnitudeKernel.ts';
import { matrixStatistics } from '../../../extension/inspection/statistics.ts';
import type { GateView } from '../../../extension/model/gateView.ts';
import type { Parameter } from '../../../extension/model/parameter.ts';
import type { MatrixStatistics } from '../../../extension/protocol/report.ts';
import { memoryParameter } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';

const kernel = await MagnitudeKernel.load();
const [{ length: blockLength }] = kernel.blocks;

type Place = Omit<GateView, 'parameter'>;

/** The gates of a matrix as formats keep them; each layout fills more than two blocks. */
const layouts: Record<string, { size: number; gates: Place[] }> = {
  'gates side by side, [in, 4H]': {
    size: 301 * 4 * 451,
    gates: [0, 1, 2, 3].map((g) => ({
      ...sized(451, 301),
      offset: g * 451,
      rowStride: 1,
      columnStride: 1804,
    })),
  },
  'gates below each other, [4H, in]': {
    size: 4 * 451 * 301,
    gates: [0, 1, 2, 3].map((g) => ({
      ...sized(451, 301),
      offset: g * 451 * 301,
      rowStride: 301,
      columnStride: 1,
    })),
  },
  'gates value by value, [in, H, 4]': {
    size: 301 * 451 * 4,
    gates: [0, 1, 2, 3].map((g) => ({ ...sized(451, 301), offset: g, rowStride: 4, columnStride: 1804 })),
  },
  'the later rows of a tensor': {
    size: 700 * 900,
    gates: [{ ...sized(900, 313), offset: 350 * 900, rowStride: 1, columnStride: 900 }],
  },
  'one row': { size: 999, gates: [{ ...sized(1, 998), offset: 1, rowStride: 1, columnStride: 1 }] },
  'one column': { size: 999, gates: [{ ...sized(998, 1), offset: 1, rowStride: 1, columnStride: 1 }] },
  'no value': { size: 4, gates: [{ ...sized(0, 2), offset: 0, rowStride: 2, columnStride: 1 }] },
};

function sized(rows: number, columns: number) {
  return { rows, columns };
}

/** What the values may be; given their number from the first on. */
const fillings: Record<string, (next: () => number, i: number) => number> = {
  'like trained ones': (next) => (next() < 0.3 ? 0 : next() ** 3 * (next() < 0.5 ? -1 : 1)),
  'nothing but zeros at first': (next, i) => (i <= blockLength ? -0 : next() - 0.5),
  'large at first': (next, i) => (next() - 0.5) * (i < blockLength ? 100 : 1),
  'with one that is infinite': (next, i) => (i === 500 ? Number.NEGATIVE_INFINITY : next()),
  'with one that is no number': (next, i) => (i === 500 ? Number.NaN : next() < 0.1 ? 0 : next()),
  'all equal': () => 0.25,
  'all zero': () => 0,
};

/** The same by the definitions, value by value. */
function plainly(gates: readonly Place[], values: Float32Array): MatrixStatistics[] {
  const magnitudes = gates.map((gate) => {
    const own: number[] = [];
    for (let r = 0; r < gate.rows; r++)
      for (let c = 0; c < gate.columns; c++)
        own.push(Math.abs(values[gate.offset + r * gate.rowStride + c * gate.columnStride]));
    return own;
  });
  const all = magnitudes.flat();
  const limit = (0.1 * all.reduce((sum, one) => sum + one, 0)) / all.length;
  return magnitudes.map((own) => {
    const zeros = own.filter((one) => one === 0).length;
    return {
      size: own.length,
      zeros,
      sparsity: own.length === 0 ? 0 : zeros / own.length,
      meanAbs: own.length === 0 ? 0 : own.reduce((sum, one) => sum + one, 0) / own.length,
      maxAbs: own.reduce((most, one) => (Number.isNaN(one) || one > most ? one : most), 0),
      nearZero: own.filter((one) => one === 0 || one < limit).length,
    };
  });
}

/** A parameter that is read in parts, and says which. */
function inParts(parameter: Parameter, values: Float32Array): { parameter: Parameter; parts: number[] } {
  const parts: number[] = [];
  const readPart = async (from: number, target: Float32Array) => {
    parts.push(from);
    target.set(values.subarray(from, from + target.length));
    assert.ok(from + target.length <= values.length);
  };
  return { parameter: { ...parameter, readPart }, parts };
}

function statisticsOf(gates: readonly Place[], parameter: Parameter): Promise<MatrixStatistics[]> {
  const views = gates.map((gate) => ({ ...gate, parameter }));
  return matrixStatistics(views, { kernel, blocks: new Blocks(kernel.blocks) });
}

function agree(found: readonly MatrixStatistics[], expected: readonly MatrixStatistics[]): void {
  for (const [g, { meanAbs, ...exact }] of expected.entries()) {
    const { meanAbs: mean, ...others } = found[g];
    assert.deepEqual(others, exact);
    if (Number.isFinite(meanAbs))
      assert.ok(Math.abs(mean - meanAbs) <= 1e-12 * meanAbs, `${mean}, ${meanAbs}`);
    else assert.equal(mean, meanAbs);
  }
}

describe('statistics are those of a plain loop', () => {
  for (const [layout, { size, gates }] of Object.entries(layouts)) {
    for (const [filling, value] of Object.entries(fillings)) {
      test(`${layout}; values ${filling}`, async () => {
        const next = seeded(3);
        const values = Float32Array.from({ length: size }, (_, i) => value(next, i));
        const whole = memoryParameter('kernel', [size], values);
        const expected = plainly(gates, values);
        agree(await statisticsOf(gates, whole), expected);
        agree(await statisticsOf(gates, inParts(whole, values).parameter), expected);
      });
    }
  }
});

describe('what is read', () => {
  const { size, gates } = layouts['the later rows of a tensor'];

  test('only the part of a tensor that a matrix lies in, and once', async () => {
    const next = seeded(3);
    const values = Float32Array.from({ length: size }, () => next() - 0.5);
    const { parameter, parts } = inParts(memoryParameter('kernel', [size], values), values);
    await statisticsOf(gates, parameter);
    const blocks = Math.ceil((313 * 900) / blockLength);
    assert.deepEqual(
      parts,
      Array.from({ length: blocks }, (_, i) => 350 * 900 + i * blockLength),
    );
  });

  test('twice, where the first values are no sign of the others', async () => {
    const { size, gates } = layouts['gates side by side, [in, 4H]'];
    const next = seeded(3);
    const values = Float32Array.from({ length: size }, (_, i) => (next() - 0.5) * (i < blockLength ? 9 : 1));
    const { parameter, parts } = inParts(memoryParameter('kernel', [size], values), values);
    await statisticsOf(gates, parameter);
    const once = Array.from({ length: Math.ceil(size / blockLength) }, (_, i) => i * blockLength);
    assert.deepEqual(parts, [...once, ...once]);
  });

  test('twice, where nearly all values are about as large as the limit, of which not all are kept', async () => {
    const count = 40 * blockLength;
    const gate = { rows: count, columns: 1, offset: 0, rowStride: 1, columnStride: 1 };
    // Nine of ten lie around a tenth of the mean of all.
    const next = seeded(3);
    const values = Float32Array.from({ length: count }, (_, i) =>
      i % 10 === 0 ? 9.1 : 0.09 + 0.02 * next(),
    );
    const { parameter, parts } = inParts(memoryParameter('kernel', [count], values), values);
    agree(await statisticsOf([gate], parameter), plainly([gate], values));
    assert.equal(parts.length, 80);
  });

  test('an error of reading is the error of the statistics', async () => {
    const values = new Float32Array(size);
    const parameter = {
      ...memoryParameter('kernel', [size], values),
      readPart: async (from: number) => {
        if (from > 350 * 900) throw new Error('unreadable');
      },
    };
    await assert.rejects(statisticsOf(gates, parameter), /unreadable/);
  });
});
