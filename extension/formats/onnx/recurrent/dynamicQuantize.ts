import { dequantized, type Folded, transposed } from '../fold/folded.ts';
import type { Scope } from '../fold/scope.ts';
import type { OnnxNode } from '../proto.ts';

/** Where W and R have their scale, and behind it their zero point. */
const scaleInputs: Readonly<Record<number, number>> = { 1: 8, 2: 10 };

/**
 * W [dirs,I,4·H] or R [dirs,H,4·H] of ONNX Runtime's DynamicQuantizeLSTM as ONNX' own LSTM has it; integers with scales [dirs] or
 * [dirs,4·H]. Undefined where it is more than a moved constant.
 */
export function dynamicWeights({ inputs }: OnnxNode, scope: Scope, input: number): Folded | undefined {
  const stored = scope.folded(inputs[input] ?? '');
  const at = scaleInputs[input];
  const [scale, zeroPoint] = [at, at + 1].map((one) => scope.numbers(inputs[one] ?? ''));
  if (!stored || !scale || !zeroPoint) return undefined;
  const axes = scale.length === stored.shape[0] ? [0] : [0, 2];
  const weights = dequantized(stored, { scale, zeroPoint, axes });
  return weights && transposed(weights, [0, 2, 1]);
}
