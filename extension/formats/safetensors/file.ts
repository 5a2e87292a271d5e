import type { DType } from '../../model/parameter.ts';
import { FileBytes } from '../bytes/fileBytes.ts';
import { type RawParameter, rawParameter } from '../bytes/rawParameter.ts';
import { type Header, readHeader, type TensorEntry } from './header.ts';

/** Types of weights; tensors of others are carried along. */
const dtypes: Readonly<Record<string, DType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
};

/** One safetensors file, whose values are read where they are asked for. */
export interface SafetensorsFile {
  readonly bytes: FileBytes;
  readonly header: Header;
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /** By name: the tensors that can be weights. */
  readonly parameters: ReadonlyMap<string, RawParameter>;
}

/** Opens a file and checks its header. Throws what `readHeader` throws. */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const bytes = await FileBytes.open(path);
  try {
    const header = await readHeader(bytes, path);
    const parameters = header.entries.flatMap(({ name, dtype: stored, shape, begin }) => {
      const dtype = dtypes[stored];
      if (!dtype) return [];
      const at = header.dataAt + begin;
      return [[name, rawParameter({ name, shape, dtype, trainable: true, file: bytes, at })] as const];
    });
    const entries = new Map(header.entries.map((entry) => [entry.name, entry]));
    return { bytes, header, entries, parameters: new Map(parameters) };
  } catch (error) {
    await bytes.close();
    throw error;
  }
}
