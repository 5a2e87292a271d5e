import type { Activation } from '../../../../model/graph.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { regroup, unstacked } from '../arrange.ts';
import { countingOf } from '../counting.ts';
import type { BareNode } from '../emitter.ts';
import type { Lowering } from '../lowering.ts';
import { following } from '../placeOfEach.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Flow, flowOf, type Value } from '../values.ts';
import { foldRule } from './foldRule.ts';
import { isTrue, opposite } from './truth.ts';
import { applied } from './unary.ts';

/**
 * Less and its kin: of known numbers; of values with one number; or of the numbers of all steps with the lengths of sequences, which is the
 * mask of the steps, or of all others.
 */
export function compareRule(operator: 'Less' | 'LessOrEqual' | 'Greater' | 'GreaterOrEqual'): Rule {
  return async (lowering, node) => {
    const operands = [lowering.needed(node, 0), lowering.needed(node, 1)];
    const at = operands.findIndex(({ kind }) => kind === 'flow');
    const [lengths, numbers] = [operands[at], operands[1 - at]];
    if (lengths?.kind !== 'flow') return foldRule(lowering, node);
    // Either there are more numbers on the left than on the right, or the other way round.
    const isLess = operator.startsWith('Less') === (at === 1);
    const withSame = operator.endsWith('Equal') === isLess;
    const limit = countingOf(numbers) ? undefined : await numberOf(lowering, numbers, lengths);
    if (limit !== undefined) {
      lowering.set(node.outputs[0], compared(lowering, lengths, limit, operator, at === 0, node));
      return;
    }
    const mask = stepsBefore(lowering, numbers, lengths, withSame, node);
    lowering.set(node.outputs[0], isLess ? mask : opposite(lowering, mask, node));
  };
}

/** The number that a value is, wherever it stands beside those of a flow. */
async function numberOf(lowering: Lowering, value: Value, flow: Flow): Promise<number | undefined> {
  const known = await lowering.known(value);
  const [single] = known?.values ?? [];
  const fits = known?.values.length === 1 && known.shape.length <= flow.axes.length;
  return fits && typeof single === 'number' && Number.isFinite(single) ? single : undefined;
}

/** Each value compared with a number: it is more where the rest of its difference that is not negative is not 0. */
function compared(
  lowering: Lowering,
  flow: Flow,
  limit: number,
  operator: string,
  isLeft: boolean,
  node: OnnxNode,
): Flow {
  const withSame = operator.endsWith('Equal');
  // x ≥ n is that x < n does not hold.
  const isMore = (operator.startsWith('Greater') === isLeft) !== withSame;
  const sign = isMore ? 1 : -1;
  const activated = (activation: Activation) => (input: string) =>
    ({ op: 'Activation', activation, inputs: [input] }) as const;
  const truth = [
    activated({ op: 'Affine', alpha: sign, beta: -sign * limit }),
    activated({ op: 'Relu' }),
    isTrue,
  ].reduce((values, make: (input: string) => BareNode) => applied(lowering, values, make, node), flow);
  return withSame ? opposite(lowering, truth, node) : truth;
}

/** The mask of steps whose numbers [·,T] are less than lengths [B,1], or not more. */
function stepsBefore(
  lowering: Lowering,
  numbers: Value,
  lengths: Flow,
  withSame: boolean,
  node: OnnxNode,
): Flow {
  const { emitter } = lowering;
  const counting = countingOf(numbers);
  const [batch, rest] = lengths.axes;
  const ofSamples = lengths.axes.length === 2 && batch.parts.join() === '0' && rest.parts.length === 0;
  const ofSteps =
    counting?.by === 1 && counting.axis === counting.shape.length - 1 && counting.shape.length <= 2;
  const steps = counting?.shape[counting.axis] ?? 1;
  const like = ofSteps && ofSamples ? emitter.withSteps(steps) : undefined;
  if (like === undefined) throw refused(node, { code: 'reasonInputComputed', args: { input: 1 } });
  const [flat] = regroup(emitter, unstacked(emitter, lengths, node), [], node).values;
  const [first] = emitter.shape(flat);
  const name = emitter.add(
    { op: 'LengthMask', inputs: [withSame ? following(lowering, flat, node) : flat, like] },
    [first, { length: steps }],
    nameOf(node),
    node.outputs[0],
  );
  return flowOf(
    [name],
    [
      { parts: [0], length: batch.length },
      { parts: [1], length: steps },
    ],
  );
}
