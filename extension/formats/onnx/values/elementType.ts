import { halfToNumber } from '../../../model/float16.ts';
import type { DType } from '../../../model/parameter.ts';
import { dataTypes, type TypedField } from '../proto.ts';

/** How the values of one TensorProto.DataType are stored. */
export interface ElementType {
  /** Bytes of one value in raw_data. */
  readonly width: number;
  /** The field of typed values that has them where there is no raw_data. */
  readonly field: TypedField;
  /** As a parameter's type; absent where no weights are of it. */
  readonly dtype?: DType;
  readonly get: (view: DataView, at: number) => number;
}

const asFloat32 = new DataView(new ArrayBuffer(4));

const elementTypes = new Map<number, ElementType>([
  [
    dataTypes.float32,
    { width: 4, field: 'float', dtype: 'float32', get: (view, at) => view.getFloat32(at, true) },
  ],
  [
    dataTypes.float64,
    { width: 8, field: 'double', dtype: 'float64', get: (view, at) => view.getFloat64(at, true) },
  ],
  [
    dataTypes.float16,
    { width: 2, field: 'int32', dtype: 'float16', get: (view, at) => halfToNumber(view.getUint16(at, true)) },
  ],
  [
    dataTypes.bfloat16,
    {
      width: 2,
      field: 'int32',
      dtype: 'bfloat16',
      get: (view, at) => {
        asFloat32.setUint32(0, view.getUint16(at, true) << 16);
        return asFloat32.getFloat32(0);
      },
    },
  ],
  [dataTypes.int8, { width: 1, field: 'int32', dtype: 'int8', get: (view, at) => view.getInt8(at) }],
  [dataTypes.uint8, { width: 1, field: 'int32', dtype: 'uint8', get: (view, at) => view.getUint8(at) }],
  [dataTypes.int16, { width: 2, field: 'int32', dtype: 'int16', get: (view, at) => view.getInt16(at, true) }],
  [
    dataTypes.uint16,
    { width: 2, field: 'int32', dtype: 'uint16', get: (view, at) => view.getUint16(at, true) },
  ],
  [dataTypes.int32, { width: 4, field: 'int32', dtype: 'int32', get: (view, at) => view.getInt32(at, true) }],
  [dataTypes.bool, { width: 1, field: 'int32', get: (view, at) => view.getUint8(at) }],
  [dataTypes.uint32, { width: 4, field: 'uint64', get: (view, at) => view.getUint32(at, true) }],
  [dataTypes.int64, { width: 8, field: 'int64', get: (view, at) => Number(view.getBigInt64(at, true)) }],
  [dataTypes.uint64, { width: 8, field: 'uint64', get: (view, at) => Number(view.getBigUint64(at, true)) }],
]);

/** Undefined for texts, complex numbers, and what takes less than a byte. */
export function elementType(dataType: number): ElementType | undefined {
  return elementTypes.get(dataType);
}

/** TensorProto.DataType by name, for messages. */
export function typeName(dataType: number): string {
  const names = [
    ...['undefined', 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool'],
    ...['float16', 'float64', 'uint32', 'uint64', 'complex64', 'complex128', 'bfloat16'],
    ...['float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2', 'float8e5m2fnuz', 'uint4', 'int4', 'float4e2m1'],
    ...['float8e8m0', 'uint2', 'int2'],
  ];
  return names[dataType] ?? String(dataType);
}
