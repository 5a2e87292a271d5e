/** Rows of a table [vocabulary, width] by ids: [ids, width]. */
export function gatherRows(table: Float32Array, ids: Int32Array, width: number): Float32Array {
  const rows = new Float32Array(ids.length * width);
  for (const [i, id] of ids.entries()) rows.set(table.subarray(id * width, (id + 1) * width), i * width);
  return rows;
}

/** Its gradient to the table: each row of dy [ids, width] is added to the row of its id. */
export function scatterRows(
  dy: Float32Array,
  ids: Int32Array,
  width: number,
  vocabulary: number,
): Float32Array {
  const table = new Float32Array(vocabulary * width);
  for (const [i, id] of ids.entries()) {
    for (let c = 0; c < width; c++) table[id * width + c] += dy[i * width + c];
  }
  return table;
}
