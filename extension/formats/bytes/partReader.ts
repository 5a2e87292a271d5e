import { byteSize, type Parameter } from '../../model/parameter.ts';
import { isInteger } from '../../model/quantization.ts';
import { type Stored, toFloat32 } from './values.ts';

/**
 * How a parameter whose values lie one after the other reads some of them; nothing where they are integers, whose meaning may depend on
 * where they stand.
 * @param fill fills `bytes` with those of the values from byte `at` of the first value on
 */
export function partReader(
  stored: Stored,
  fill: (bytes: Uint8Array, at: number) => Promise<void>,
): Pick<Parameter, 'readPart'> {
  const { dtype } = stored;
  if (isInteger(dtype)) return {};
  const width = byteSize[dtype];
  const readPart = async (from: number, target: Float32Array) => {
    if (dtype === 'float32')
      return fill(new Uint8Array(target.buffer, target.byteOffset, target.byteLength), from * width);
    const bytes = Buffer.allocUnsafe(target.length * width);
    await fill(bytes, from * width);
    target.set(toFloat32(bytes, stored));
  };
  return { readPart };
}
