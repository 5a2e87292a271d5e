import type { Memory } from './memory.ts';

/** The transpose of some rows of a sparse matrix. */
export interface Transpose {
  /** [columns + 1], into the arrays that follow. */
  readonly starts: number;
  /** Row of each value, counted from the first of the rows. */
  readonly rows: number;
  /** Where each value is among those of the whole matrix. */
  readonly order: number;
  readonly count: number;
}

/**
 * Where the kept values of a matrix [rows, columns] are: row by row, each row from left to right. A kept value may be 0. All
 * arrays are in the kernels' memory, built on first use, each once.
 */
export class SparseStructure {
  readonly rows: number;
  readonly columns: number;
  /** Number of kept values. */
  readonly nonzero: number;
  /** Place of each kept value in the whole, row-major matrix. */
  readonly places: Uint32Array;
  /** Address of [rows + 1] positions: the first value of each row, and the end. */
  readonly starts: number;
  /** Address of each value's column [nonzero]. */
  readonly indices: number;
  readonly #memory: Memory;
  readonly #transposes = new Map<string, Transpose>();
  readonly #scaled = new Map<string, number>();

  /** @param kept 1 where a value is kept, row-major */
  constructor(rows: number, columns: number, kept: ArrayLike<number>, memory: Memory) {
    this.rows = rows;
    this.columns = columns;
    this.#memory = memory;
    let nonzero = 0;
    for (let i = 0; i < rows * columns; i++) if (kept[i] !== 0) nonzero++;
    this.nonzero = nonzero;
    this.places = new Uint32Array(nonzero);
    [this.starts, this.indices] = memory.allocateAll(4 * (rows + 1), 4 * nonzero);
    const starts = memory.integers(this.starts, rows + 1);
    const indices = memory.integers(this.indices, nonzero);
    let at = 0;
    for (let r = 0; r < rows; r++) {
      starts[r] = at;
      for (let c = 0; c < columns; c++) {
        const place = r * columns + c;
        if (kept[place] === 0) continue;
        this.places[at] = place;
        indices[at++] = c;
      }
    }
    starts[rows] = at;
  }

  /** Address of each value's column times `stride`: where its row of a panel begins. */
  offsets(stride: number): number {
    return this.#scale(`${stride}`, this.indices, this.nonzero, stride);
  }

  /** The transpose of the rows from `from` to `to`. */
  transpose(from: number, to: number): Transpose {
    const key = `${from}-${to}`;
    const known = this.#transposes.get(key);
    if (known) return known;
    const memory = this.#memory;
    const starts = memory.integers(this.starts, this.rows + 1);
    const indices = memory.integers(this.indices, this.nonzero);
    const count = starts[to] - starts[from];
    const places = memory.allocateAll(4 * (this.columns + 1), 4 * count, 4 * count);
    const made: Transpose = { starts: places[0], rows: places[1], order: places[2], count };
    const ends = memory.integers(made.starts, this.columns + 1).fill(0);
    for (let i = starts[from]; i < starts[to]; i++) ends[indices[i] + 1]++;
    for (let c = 0; c < this.columns; c++) ends[c + 1] += ends[c];
    const next = ends.slice(0, this.columns);
    const rows = memory.integers(made.rows, count);
    const order = memory.integers(made.order, count);
    for (let r = from; r < to; r++) {
      for (let i = starts[r]; i < starts[r + 1]; i++) {
        const at = next[indices[i]]++;
        rows[at] = r - from;
        order[at] = i;
      }
    }
    this.#transposes.set(key, made);
    return made;
  }

  /** Address of each value's row times `stride`, of a transpose that `transpose` gave. */
  transposedOffsets({ rows, count }: Transpose, stride: number): number {
    return this.#scale(`${rows}:${stride}`, rows, count, stride);
  }

  /** The whole matrix with these kept values, 0 elsewhere. */
  expand(values: Float32Array): Float32Array {
    const whole = new Float32Array(this.rows * this.columns);
    for (let i = 0; i < this.nonzero; i++) whole[this.places[i]] = values[i];
    return whole;
  }

  /** The kept values of a whole matrix. */
  compress(whole: Float32Array, target: Float32Array): void {
    for (let i = 0; i < this.nonzero; i++) target[i] = whole[this.places[i]];
  }

  dispose(): void {
    const transposes = [...this.#transposes.values()].flatMap(({ starts, rows, order }) => [
      starts,
      rows,
      order,
    ]);
    const all = [this.starts, this.indices, ...this.#scaled.values(), ...transposes];
    for (const pointer of all) this.#memory.free(pointer);
    this.#scaled.clear();
    this.#transposes.clear();
  }

  #scale(key: string, indices: number, count: number, stride: number): number {
    const known = this.#scaled.get(key);
    if (known !== undefined) return known;
    const pointer = this.#memory.allocate(4 * count);
    const from = this.#memory.integers(indices, count);
    const to = this.#memory.integers(pointer, count);
    for (let i = 0; i < count; i++) to[i] = from[i] * stride;
    this.#scaled.set(key, pointer);
    return pointer;
  }
}
