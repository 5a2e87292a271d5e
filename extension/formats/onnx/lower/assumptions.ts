import type { Message } from '../../../protocol/messages.ts';
import { dataTypes, type OnnxValue } from '../proto.ts';
import type { Ends } from './outputs.ts';

/** Types of floats that nodes compute in, and we do not. */
const others = ['float16', 'bfloat16', 'float64'] as const;

/** What a graph takes for granted of a model with these inputs and outputs. */
export function assumptionsOf(values: readonly OnnxValue[], { leftOut }: Ends): Message[] {
  const types = others.filter((type) => values.some(({ dataType }) => dataType === dataTypes[type]));
  return [
    ...(types.length > 0
      ? [{ code: 'noteComputedInFloat32', args: { types: types.join(', ') } } as const]
      : []),
    ...leftOut.map((args): Message => ({ code: 'noteEndLeftOut', args })),
  ];
}
