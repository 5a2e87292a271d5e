import type { ValueName } from '../../../model/graph.ts';
import type { OnnxNode } from '../proto.ts';
import { nameOf } from '../recurrent/found.ts';
import { perSample, regroup } from './arrange.ts';
import { type Length, sameLength } from './lengths.ts';
import type { Lowering } from './lowering.ts';
import { refused } from './refuse.ts';
import { everySample, type Flow, type Value } from './values.ts';

/** The mask of a recurrent node's sequence_lens [B] over the steps of x [B,T,I]; undefined where all sequences are whole. */
export async function lengthMask(
  lowering: Lowering,
  node: OnnxNode,
  x: ValueName,
): Promise<ValueName | undefined> {
  const value = lowering.input(node, 4);
  if (value === undefined) return undefined;
  const lengths =
    value.kind === 'flow' ? ofEach(lowering, node, value) : await ofAll(lowering, node, value, x);
  if (lengths === undefined) return undefined;
  const { emitter } = lowering;
  const [batch, time] = emitter.shape(x);
  const name = nameOf(node);
  return emitter.add({ op: 'LengthMask', inputs: [lengths, x] }, [batch, time], name, `${name} mask`);
}

/** Lengths [B] that are computed. */
function ofEach({ emitter }: Lowering, node: OnnxNode, value: Flow): ValueName {
  const [axis] = value.axes;
  if (value.axes.length !== 1 || (axis.parts[0] !== 0 && axis.parts.length > 0))
    throw refused(node, { code: 'reasonMixesSamples', args: {} });
  return regroup(emitter, value, [], node).values[0];
}

/** One length [B] that the file says, where that is not the number of steps. */
async function ofAll(
  lowering: Lowering,
  node: OnnxNode,
  value: Exclude<Value, Flow>,
  x: ValueName,
): Promise<ValueName | undefined> {
  const { emitter } = lowering;
  const stated: readonly Length[] =
    value.kind === 'uniform' ? [value.value] : ((await lowering.known(value))?.values ?? []);
  const [length] = stated;
  const [, time] = emitter.shape(x);
  if (length === undefined || stated.some((one) => !sameLength(one, length)))
    throw refused(node, { code: 'reasonLengthsByPlace', args: {} });
  if (sameLength(length, time.length)) return undefined;
  if (typeof length !== 'number') throw refused(node, { code: 'reasonInputComputed', args: { input: 4 } });
  const constant = emitter.add(
    { op: 'Constant', value: { shape: [1], data: Float32Array.of(length) }, inputs: [] },
    [everySample],
    nameOf(node),
    `${nameOf(node)} lengths`,
  );
  return perSample(emitter, node, constant, x);
}
