import type { Message } from '../../../protocol/messages.ts';
import { dataTypes, type OnnxValue } from '../proto.ts';
import type { Ends } from './outputs.ts';

/** Types of floats that nodes compute in, and neither we do nor, on a processor, ONNX Runtime. */
const others = ['bfloat16', 'float64'] as const;

/** What a graph takes for granted of a model with these inputs and outputs. */
export function assumptionsOf(values: readonly OnnxValue[], { leftOut }: Ends): Message[] {
  const holds = (type: keyof typeof dataTypes) => values.some(({ dataType }) => dataType === dataTypes[type]);
  const types = others.filter(holds);
  return [
    ...(holds('float16') ? [{ code: 'noteComputedAround', args: { types: 'float16' } } as const] : []),
    ...(types.length > 0
      ? [{ code: 'noteComputedInFloat32', args: { types: types.join(', ') } } as const]
      : []),
    ...leftOut.map((args): Message => ({ code: 'noteEndLeftOut', args })),
  ];
}
