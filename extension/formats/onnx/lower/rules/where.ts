import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Numbers, numbers } from '../values.ts';
import { broadcast, broadcastShape } from './fold.ts';
import { merged } from './merge.ts';

/**
 * Where, by a condition that is known: a choice among numbers, such as what a shape says, or a mask over a computed value, where the
 * value is multiplied with 0 and something is added that is not finite at most there.
 */
export const whereRule: Rule = async (lowering, node) => {
  const condition = await lowering.numbers(node, 0);
  const [chosen, other] = [lowering.needed(node, 1), lowering.needed(node, 2)];
  if (!condition) throw refused(node, { code: 'reasonInputMissing', args: { input: 0 } });
  const [a, b] = [await lowering.known(chosen), await lowering.known(other)];
  if (a && b) {
    const result = picked(condition, a, b);
    if (!result) throw refused(node, { code: 'reasonInputComputed', args: { input: 0 } });
    lowering.set(node.outputs[0], result);
    return;
  }
  const flow = chosen.kind === 'flow' ? chosen : other;
  const fill = chosen.kind === 'flow' ? b : a;
  if (flow.kind !== 'flow' || !fill) throw refused(node, { code: 'reasonInputComputed', args: { input: 2 } });
  const kept = chosen.kind === 'flow' ? condition : { ...condition, values: condition.values.map(opposite) };
  const [one, zero] = [numbers([], [1], false), numbers([], [0], false)];
  const [factors, added] = [picked(kept, one, zero), picked(kept, zero, fill)];
  if (!factors || !added) throw refused(node, { code: 'reasonInputComputed', args: { input: 0 } });
  const masked = await merged(lowering, 'Mul', [flow, factors], node);
  lowering.set(node.outputs[0], await merged(lowering, 'Add', [masked, added], node));
};

function opposite(truth: Numbers['values'][number]): number {
  return truth === 0 ? 1 : 0;
}

function picked(condition: Numbers, a: Numbers, b: Numbers): Numbers | undefined {
  const inner = broadcastShape(a.shape, b.shape);
  const shape = inner && broadcastShape(condition.shape, inner);
  if (!shape) return undefined;
  const [truth, left, right] = [condition, a, b].map((one) => broadcast(one, shape));
  return numbers(
    shape,
    truth.map((one, i) => (one === 0 ? right[i] : left[i])),
    a.integer && b.integer,
  );
}
