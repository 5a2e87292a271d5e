import type { TfliteGraph, TfliteOperator, TfliteTensor } from './schema.ts';

const dequantize = 6;

/**
 * Weights that a DEQUANTIZE hands on, as converters keep those of float16, belong to who reads them: what the operator puts out has the
 * values of the file from here on, and the operator goes.
 */
export function withDequantized(
  tensors: readonly TfliteTensor[],
  operators: readonly TfliteOperator[],
): Pick<TfliteGraph, 'tensors' | 'operators'> {
  const known = [...tensors];
  const left = operators.filter(({ code, inputs, outputs }) => {
    const source = known[inputs[0] ?? -1];
    const target = known[outputs[0] ?? -1];
    if (code !== dequantize || !source?.values || !target) return true;
    known[outputs[0]] = { ...source, isDequantized: true };
    return false;
  });
  return { tensors: known, operators: left };
}
