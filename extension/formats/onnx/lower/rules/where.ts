import { broadcastShape } from '../../fold/broadcast.ts';
import type { OnnxNode } from '../../proto.ts';
import { sameLength } from '../lengths.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Flow, type Numbers, numbers, type Uniform, type Value } from '../values.ts';
import { broadcast, mostNumbers } from './fold.ts';
import { merged } from './merge.ts';
import { opposite } from './truth.ts';

/**
 * Where. By a condition that is computed: the one value times 0 or 1, and the other times the rest, so that what is left out must be
 * finite. By a condition that is known: a choice among numbers, such as what a shape says, or a mask over a computed value, where the value
 * is multiplied with 0 and something is added that is not finite at most there.
 */
export const whereRule: Rule = async (lowering, node) => {
  const given = lowering.needed(node, 0);
  const [chosen, other] = [lowering.needed(node, 1), lowering.needed(node, 2)];
  if (given.kind === 'flow') {
    lowering.set(node.outputs[0], await computed(lowering, given, [chosen, other], node));
    return;
  }
  const condition = await lowering.numbers(node, 0);
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
  const kept = chosen.kind === 'flow' ? condition : { ...condition, values: condition.values.map(turned) };
  const [one, zero] = [numbers([], [1], false), numbers([], [0], false)];
  const [factors, added] = [picked(kept, one, zero), picked(kept, zero, fill)];
  if (!factors || !added) throw refused(node, { code: 'reasonInputComputed', args: { input: 0 } });
  const masked = await merged(lowering, 'Mul', [flow, factors], node);
  lowering.set(node.outputs[0], await merged(lowering, 'Add', [masked, added], node));
};

async function computed(
  lowering: Lowering,
  condition: Flow,
  choices: readonly Value[],
  node: OnnxNode,
): Promise<Value> {
  const factors = [condition, opposite(lowering, condition, node)];
  const terms: Value[] = [];
  for (const [i, choice] of choices.entries()) {
    const known = isWithin(choice, condition)
      ? numbers([], [choice.value], false)
      : await lowering.known(choice);
    if (known?.values.every((one) => one === 0)) continue;
    if (known?.values.some((one) => Number.isNaN(one)))
      throw refused(node, { code: 'reasonInputConstant', args: { input: 1 + i } });
    terms.push(await merged(lowering, 'Mul', [known ? finite(known) : choice, factors[i]], node));
  }
  if (terms.length === 0) throw refused(node, { code: 'reasonInputConstant', args: { input: 1 } });
  return merged(lowering, 'Add', terms, node);
}

/** Whether a value is one number that a condition has a place for, wherever it stands. */
function isWithin(value: Value, condition: Flow): value is Uniform {
  if (value.kind !== 'uniform') return false;
  const lead = condition.axes.length - value.shape.length;
  return value.shape.every(
    (length, axis) => length === 1 || sameLength(length, condition.axes[axis + lead]?.length ?? 1),
  );
}

/** The largest numbers instead of infinite ones: a maximum or a softmax makes the same of them where anything else is left. */
function finite(known: Numbers): Numbers {
  const largest = (2 - 2 ** -23) * 2 ** 127;
  const limited = (value: Numbers['values'][number]) =>
    typeof value === 'number' ? Math.min(Math.max(value, -largest), largest) : value;
  return { ...known, values: known.values.map(limited) };
}

function turned(truth: Numbers['values'][number]): number {
  return truth === 0 ? 1 : 0;
}

function picked(condition: Numbers, a: Numbers, b: Numbers): Numbers | undefined {
  const inner = broadcastShape(a.shape, b.shape, mostNumbers);
  const shape = inner && broadcastShape(condition.shape, inner, mostNumbers);
  if (!shape) return undefined;
  const [truth, left, right] = [condition, a, b].map((one) => broadcast(one, shape));
  const [ofLeft, ofRight] = [a, b].map((one) => broadcast({ ...one, values: sourcesOf(one) }, shape));
  const choose = <T>(others: readonly T[], chosen: readonly T[]) =>
    truth.map((one, i) => (one === 0 ? others[i] : chosen[i]));
  return numbers(shape, choose(right, left), a.integer && b.integer, choose(ofRight, ofLeft));
}

function sourcesOf({ values, sources }: Numbers): NonNullable<Numbers['sources']> {
  return sources ?? values.map(() => undefined);
}
