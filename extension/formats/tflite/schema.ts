import { UserError } from '../../protocol/userError.ts';
import type { PagedBytes } from '../bytes/pagedBytes.ts';
import { damaged } from '../damaged.ts';
import { withDequantized } from './dequantized.ts';
import { FlatTable } from './flatTable.ts';

/** What is read of a TensorFlow Lite file; fields by their numbers in schema.fbs (version 3, TensorFlow 2.21). */
export interface TfliteModel {
  readonly graphs: readonly TfliteGraph[];
}

export interface TfliteGraph {
  readonly tensors: readonly TfliteTensor[];
  /** Indices of tensors. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly operators: readonly TfliteOperator[];
}

export interface TfliteTensor {
  readonly name: string;
  /** −1 where a length is free. */
  readonly shape: readonly number[];
  /** TensorType, see `tensorTypes`. */
  readonly type: number;
  /** Where its values lie in the file; absent for those that are computed. */
  readonly values?: { readonly at: number; readonly length: number };
  /** Where the file says which buffer these values are. */
  readonly bufferAt?: number;
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly axis: number;
  /** The values are stored as only those that are not zero. */
  readonly isSparse: boolean;
  /** Operators read the values as the float32 numbers that they stand for, behind a DEQUANTIZE. */
  readonly isDequantized?: boolean;
}

export interface TfliteOperator {
  /** BuiltinOperator, see `operatorNames`. */
  readonly code: number;
  /** Of a custom operator. */
  readonly custom?: string;
  /** −1 for an optional input that is left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Whose fields depend on the operator. */
  readonly options: FlatTable | undefined;
  /** Tensors that say how what is between its steps is quantised. */
  readonly intermediates: readonly number[];
}

export const tensorTypes = {
  float32: 0,
  float16: 1,
  int32: 2,
  uint8: 3,
  int64: 4,
  bool: 6,
  int16: 7,
  int8: 9,
  float64: 10,
} as const;

const identifier = 'TFL3';
/** TensorFlow Lite's kernels know no more. */
const mostAxes = 8;

/** Whether a file begins like a TensorFlow Lite model. */
function isTflite(file: PagedBytes): boolean {
  return file.size >= 8 && file.text(4, 4) === identifier;
}

/** Reads everything but the weights. Throws fileDamaged. */
export function readTflite(file: PagedBytes, path: string): TfliteModel {
  if (!isTflite(file))
    throw new UserError('fileDamaged', { file: path }, { code: 'reasonNoTflite', args: {} });
  const root = FlatTable.root(file, path);
  const codes = root.tables(1).map((table) => {
    // Old files have the code in a byte, where 127 stands for larger ones.
    const code = Math.max(table.uint8(0), table.int32(3));
    const custom = table.text(1);
    return { code, ...(custom !== undefined && { custom }) };
  });
  const buffers = root.tables(4).map((table) => placeOf(table, file, path));
  const graphs = root.tables(2).map((table) => graphOf(table, codes, buffers, path));
  if (graphs.length === 0) throw damaged(path);
  return { graphs };
}

/** Files of more than 2 GB have their values behind the FlatBuffer, at offsets in the file. Absent of what is empty. */
function placeOf(buffer: FlatTable, file: PagedBytes, path: string): TfliteTensor['values'] {
  const [offset, size] = [buffer.uint64(1), buffer.uint64(2)];
  if (offset > 1 && offset + size > file.size) throw damaged(path, { code: 'reasonTruncated', args: {} });
  const bytes = offset > 1 ? { at: offset, length: size } : buffer.bytes(0);
  return bytes && bytes.length > 0 ? bytes : undefined;
}

function graphOf(
  table: FlatTable,
  codes: readonly Pick<TfliteOperator, 'code' | 'custom'>[],
  buffers: readonly TfliteTensor['values'][],
  path: string,
): TfliteGraph {
  const tensors = table.tables(0).map((tensor) => tensorOf(tensor, buffers, path));
  const checked = (indices: readonly number[]) => {
    for (const index of indices) if (index < -1 || index >= tensors.length) throw damaged(path);
    return indices;
  };
  const operators = table.tables(3).map((operator) => {
    const code = codes[operator.uint32(0)];
    if (!code) throw damaged(path);
    return {
      ...code,
      inputs: checked(operator.int32s(1)),
      outputs: checked(operator.int32s(2)),
      options: operator.table(4),
      intermediates: checked(operator.int32s(8)),
    };
  });
  return {
    ...withDequantized(tensors, operators),
    inputs: checked(table.int32s(1)),
    outputs: checked(table.int32s(2)),
  };
}

function tensorOf(table: FlatTable, buffers: readonly TfliteTensor['values'][], path: string): TfliteTensor {
  const quantization = table.table(4);
  const signature = table.int32s(7);
  const shape = table.int32s(0);
  const buffer = table.uint32(2);
  if (shape.length > mostAxes || (buffer !== 0 && buffer >= buffers.length)) throw damaged(path);
  // The first one stands for no values.
  const values = buffer === 0 ? undefined : buffers[buffer];
  const bufferAt = table.place(2);
  return {
    name: table.text(3) ?? '',
    shape: signature.length === shape.length ? signature : shape,
    type: table.uint8(1),
    ...(values && bufferAt !== undefined && { values, bufferAt }),
    scale: quantization?.float32s(2) ?? [],
    zeroPoint: quantization?.int64s(3) ?? [],
    axis: quantization?.int32(6) ?? 0,
    isSparse: table.table(6) !== undefined,
  };
}
