import { numberToHalf } from '../../../extension/model/float16.ts';
import type { Untyped } from './stock.ts';

/**
 * Stores weights as the converter of TensorFlow.js does with --quantize_uint8 and so on (tensorflowjs/quantization.py): the range of a
 * tensor in even steps, nudged so that one of them is 0 where the range holds it.
 */
export function quantizedArtifacts(artifacts: Untyped, dtype: 'uint8' | 'uint16' | 'float16'): Untyped {
  const parts: Buffer[] = [];
  const weightSpecs: Untyped[] = [];
  let at = 0;
  for (const spec of artifacts.weightSpecs) {
    const count = spec.shape.reduce((a: number, b: number) => a * b, 1);
    const values = new Float32Array(artifacts.weightData.slice(at, at + 4 * count));
    at += 4 * count;
    const { bytes, ...quantization } = dtype === 'float16' ? halves(values) : steps(values, dtype);
    parts.push(bytes);
    weightSpecs.push({ ...spec, quantization: { dtype, ...quantization, original_dtype: 'float32' } });
  }
  const whole = Buffer.concat(parts);
  const weightData = whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.length);
  return { ...artifacts, weightSpecs, weightData };
}

function steps(
  values: Float32Array,
  dtype: 'uint8' | 'uint16',
): { bytes: Buffer; min: number; scale: number } {
  const most = dtype === 'uint8' ? 255 : 65535;
  const low = Math.min(...values);
  const high = Math.max(...values);
  const scale = low === high ? 1 : (high - low) / most;
  const min = low === high ? low : low <= 0 && high >= 0 ? -Math.round(-low / scale) * scale : low;
  const whole = values.map((value) => Math.min(Math.max(Math.round((value - min) / scale), 0), most));
  const stored = dtype === 'uint8' ? Uint8Array.from(whole) : Uint16Array.from(whole);
  return { bytes: Buffer.from(stored.buffer), min, scale };
}

function halves(values: Float32Array): { bytes: Buffer } {
  return { bytes: Buffer.from(Uint16Array.from(values, numberToHalf).buffer) };
}
