import type { Parameter } from '../../model/parameter.ts';
import type { Message } from '../../protocol/messages.ts';
import { becomesFloat } from './changedWeights.ts';
import type { ShardArrays } from './shardArrays.ts';

/** Says which weights leave their integers as they are pruned, since none of these stands for 0. */
export function floatNotes(arrays: ShardArrays, parameters: ReadonlyMap<string, Parameter>): Message[] {
  const names = arrays.weights
    .filter((weight) => becomesFloat(weight, { parameter: parameters.get(weight.name) }))
    .map(({ name }) => name);
  return names.length > 0 ? [{ code: 'noteStoredAsFloat', args: { parameters: names } }] : [];
}
