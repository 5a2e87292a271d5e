import { type MatrixFields, writeMatrix } from './recurrentTask.ts';
import { runtime } from './runtime.ts';
import type { SparseStructure } from './sparseStructure.ts';
import { ceil4 } from './vectors.ts';

/** A layer's matrix [rows, columns] in the kernels' memory. */
export interface RecurrentMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Address of the row-major values, or of the kept ones. */
  readonly values: number;
  readonly structure: SparseStructure | undefined;
}

/** What one direction of a pass needs besides the matrix: addresses to free after it. */
export class Temporary {
  readonly #blocks: number[] = [];

  allocate(bytes: number): number {
    const pointer = runtime().memory.allocate(bytes);
    this.#blocks.push(pointer);
    return pointer;
  }

  free(): void {
    for (const pointer of this.#blocks) runtime().memory.free(pointer);
    this.#blocks.length = 0;
  }
}

/** Describes the rows `from` … `to` of a matrix for products with panels of this width. */
export function describeForward(
  matrix: RecurrentMatrix,
  [from, to]: readonly [number, number],
  width: number,
  at: number,
  temporary: Temporary,
): void {
  const { memory, pool } = runtime();
  const { columns, values, structure } = matrix;
  const rows = to - from;
  const fields: MatrixFields = { sparse: structure ? 1 : 0, rows, columns, values };
  if (structure) {
    writeMatrix(memory, at, {
      ...fields,
      starts: structure.starts + 4 * from,
      indices: structure.indices,
      offsets: structure.offsets(4 * width),
    });
    return;
  }
  const first = values + 4 * from * columns;
  let packed = 0;
  if (width > 1) {
    packed = temporary.allocate(4 * ceil4(rows) * columns);
    pool.run('recurrentPack', [first, rows, columns, packed], 10 * rows * columns);
  }
  writeMatrix(memory, at, { ...fields, values: first, packed });
}

/** Adds the transpose to what `describeForward` wrote. */
export function describeTranspose(
  { columns, values, structure }: RecurrentMatrix,
  [from, to]: readonly [number, number],
  width: number,
  at: number,
  temporary: Temporary,
): void {
  const { memory, pool } = runtime();
  const rows = to - from;
  if (structure) {
    const transpose = structure.transpose(from, to);
    const valuesTransposed = temporary.allocate(4 * transpose.count);
    pool.run(
      'sparsePermute',
      [values, transpose.order, transpose.count, valuesTransposed],
      10 * transpose.count,
    );
    writeMatrix(memory, at, {
      startsTransposed: transpose.starts,
      offsetsTransposed: structure.transposedOffsets(transpose, 4 * width),
      valuesTransposed,
    });
  } else if (width > 1) {
    const packedTransposed = temporary.allocate(4 * ceil4(columns) * rows);
    const first = values + 4 * from * columns;
    pool.run('recurrentPackTransposed', [first, rows, columns, packedTransposed], 10 * rows * columns);
    writeMatrix(memory, at, { packedTransposed });
  }
}

/** Where the gradient of these rows goes: address of the whole matrix', or of its kept values'. */
export function describeGradient(
  { columns, structure }: RecurrentMatrix,
  from: number,
  gradient: number,
  at: number,
): void {
  writeMatrix(runtime().memory, at, { gradient: structure ? gradient : gradient + 4 * from * columns });
}
