import { operatorName } from './operatorNames.ts';
import { recurrentOperators } from './recurrent.ts';
import { type TfliteGraph, type TfliteOperator, type TfliteTensor, tensorTypes } from './schema.ts';

/** Operators with a matrix, beside the recurrent ones. */
const withMatrix: ReadonlySet<string> = new Set(['EMBEDDING_LOOKUP', 'FULLY_CONNECTED']);

/**
 * Early quantisers called the 8-bit weights of operators that compute with floats unsigned, but wrote signed ones, and the kernels read
 * them so, whatever zero point the file has for them: such tensors are int8 from here on, but where a DEQUANTIZE reads them as they say.
 */
export function withSignedWeights({
  tensors,
  operators,
}: Pick<TfliteGraph, 'tensors' | 'operators'>): TfliteTensor[] {
  const known = [...tensors];
  for (const operator of operators) {
    if (!computesWithFloats(operator, tensors)) continue;
    for (const index of operator.inputs) {
      const tensor = known[index];
      if (tensor?.type === tensorTypes.uint8 && tensor.values && !tensor.isDequantized)
        known[index] = { ...tensor, type: tensorTypes.int8, zeroPoint: [] };
    }
  }
  return known;
}

function computesWithFloats({ code, outputs }: TfliteOperator, tensors: readonly TfliteTensor[]): boolean {
  const hasMatrices = withMatrix.has(operatorName(code)) || recurrentOperators.has(code);
  return hasMatrices && tensors[outputs[0] ?? -1]?.type === tensorTypes.float32;
}
