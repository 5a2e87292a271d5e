import type { FloatType } from '../../model/parameter.ts';
import { entryOf } from '../entryOf.ts';

/** What a tensor's elements are. */
export interface ElementType {
  /** PyTorch's name: `torch.float32`. */
  readonly name: string;
  /** Bytes of one. */
  readonly bytes: number;
  /** Of those that weights can be. */
  readonly dtype?: FloatType;
}

function type(name: string, bytes: number, dtype?: FloatType): ElementType {
  return { name: `torch.${name}`, bytes, ...(dtype && { dtype }) };
}

/** By the name of the class of storage, which in old files may be one of torch.cuda. */
const byStorage: Readonly<Record<string, ElementType>> = {
  FloatStorage: type('float32', 4, 'float32'),
  DoubleStorage: type('float64', 8, 'float64'),
  HalfStorage: type('float16', 2, 'float16'),
  BFloat16Storage: type('bfloat16', 2, 'bfloat16'),
  LongStorage: type('int64', 8),
  IntStorage: type('int32', 4),
  ShortStorage: type('int16', 2),
  CharStorage: type('int8', 1),
  ByteStorage: type('uint8', 1),
  BoolStorage: type('bool', 1),
  ComplexFloatStorage: type('complex64', 8),
  ComplexDoubleStorage: type('complex128', 16),
  UntypedStorage: type('uint8', 1),
  QInt8Storage: type('qint8', 1),
  QUInt8Storage: type('quint8', 1),
  QInt32Storage: type('qint32', 4),
  QUInt4x2Storage: type('quint4x2', 1),
  QUInt2x4Storage: type('quint2x4', 1),
};

/** Types that no class of storage stands for: `_rebuild_tensor_v3` names them. */
const byName: Readonly<Record<string, ElementType>> = {
  ...Object.fromEntries(Object.values(byStorage).map((known) => [known.name, known])),
  ...Object.fromEntries(
    ['float8_e4m3fn', 'float8_e5m2', 'float8_e4m3fnuz', 'float8_e5m2fnuz', 'float8_e8m0fnu'].map((name) => [
      `torch.${name}`,
      type(name, 1),
    ]),
  ),
  'torch.uint16': type('uint16', 2),
  'torch.uint32': type('uint32', 4),
  'torch.uint64': type('uint64', 8),
};

/** The type of `torch.FloatStorage` or `torch.cuda.FloatStorage`. */
export function typeOfStorage(className: string): ElementType | undefined {
  const [, name] = /^torch\.(?:cuda\.|storage\.)?(\w+)$/.exec(className) ?? [];
  return name === undefined ? undefined : entryOf(byStorage, name);
}

/** The type of `torch.float8_e5m2`. */
export function typeOfName(name: string): ElementType | undefined {
  return entryOf(byName, name);
}
