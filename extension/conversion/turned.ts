/** A row-major matrix [rows, columns] as [columns, rows]: a fresh array. */
export function turned(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c];
  return result;
}
