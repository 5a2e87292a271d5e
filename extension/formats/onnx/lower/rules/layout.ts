import { floatOf, intsOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { countingOf, longerCounting } from '../counting.ts';
import type { Length } from '../lengths.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import {
  type Flow,
  type FlowAxis,
  flowOf,
  type Numbers,
  notional,
  numbers,
  type Uniform,
  type Value,
} from '../values.ts';
import { weightFlow } from '../weightFlow.ts';
import { turned } from './fold.ts';

/** An axis counted from the front. Throws where there is none such. */
export function frontAxis(node: OnnxNode, axis: number, rank: number): number {
  const front = axis < 0 ? axis + rank : axis;
  if (!(Number.isInteger(front) && front >= 0 && front < rank))
    throw refused(node, { code: 'reasonNoAxis', args: { axis } });
  return front;
}

/** Nothing changes. */
export const passRule: Rule = (lowering, node) => {
  lowering.set(node.outputs[0], lowering.needed(node, 0));
};

/** Dropout: a file says how much was dropped while it was trained. */
export const dropoutRule: Rule = async (lowering, node) => {
  const value = lowering.needed(node, 0);
  const given = lowering.has(node, 1) ? (await lowering.numbers(node, 1))?.values[0] : undefined;
  const rate = typeof given === 'number' ? given : floatOf(node, 'ratio', 0.5);
  if (value.kind !== 'flow' || !(rate > 0 && rate < 1)) {
    lowering.set(node.outputs[0], value);
    return;
  }
  const values = value.values.map((name) =>
    lowering.emitter.add(
      { op: 'Dropout', rate, inputs: [name] },
      lowering.emitter.shape(name),
      nameOf(node),
      node.outputs[0],
    ),
  );
  lowering.set(node.outputs[0], flowOf(values, value.axes));
};

export const transposeRule: Rule = async (lowering, node) => {
  const value = lowering.needed(node, 0);
  const rank = value.kind === 'flow' ? value.axes.length : value.shape.length;
  const order = intsOf(node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const isOrder = order.toSorted((a, b) => a - b).every((axis, i) => axis === i) && order.length === rank;
  if (!isOrder) throw refused(node, { code: 'reasonAttribute', args: { name: 'perm' } });
  if (value.kind === 'flow') {
    lowering.set(
      node.outputs[0],
      flowOf(
        value.values,
        order.map((axis) => value.axes[axis]),
      ),
    );
    return;
  }
  if (value.kind === 'weight') {
    const [shape, strides] = [value.shape, value.strides].map((all) => order.map((axis) => all[axis]));
    lowering.set(node.outputs[0], { ...value, shape, strides });
    return;
  }
  if (value.kind === 'numbers') {
    lowering.set(node.outputs[0], turned(value, order));
    return;
  }
  if (value.kind === 'samplePlaces' || value.kind === 'sampleOrder')
    throw refused(node, { code: 'reasonMixesSamples', args: {} });
  const shape = order.map((axis) => value.shape[axis]);
  const moved = value.kind === 'counting' ? { ...value, axis: order.indexOf(value.axis) } : value;
  lowering.set(node.outputs[0], { ...moved, shape });
};

/** The axes of Squeeze, Unsqueeze and reductions: an attribute before opset 13 (reductions: 18), an input from then on. */
export async function axesOf(lowering: Lowering, node: OnnxNode): Promise<readonly number[] | undefined> {
  return intsOf(node, 'axes') ?? (await lowering.integers(node, 1));
}

export const squeezeRule: Rule = async (lowering, node) => {
  const value = lowering.needed(node, 0);
  const lengths = value.kind === 'flow' ? value.axes.map(({ length }) => length) : value.shape;
  const given = (await axesOf(lowering, node))?.map((axis) => frontAxis(node, axis, lengths.length));
  const gone = given ?? lengths.flatMap((length, axis) => (length === 1 ? [axis] : []));
  const stays = (_: unknown, axis: number) => !gone.includes(axis);
  if (gone.some((axis) => lengths[axis] !== 1)) throw refused(node, { code: 'reasonAxesFree', args: {} });
  lowering.set(node.outputs[0], keepAxes(value, stays, node));
};

function keepAxes(value: Value, stays: (_: unknown, axis: number) => boolean, node: OnnxNode): Value {
  switch (value.kind) {
    case 'flow':
      return flowOf(value.values, value.axes.filter(stays));
    case 'numbers':
      return { ...value, shape: value.shape.filter(stays) };
    case 'uniform':
      return { ...value, shape: value.shape.filter(stays) };
    case 'counting': {
      const axis = value.shape.slice(0, value.axis).filter(stays).length;
      return { ...value, shape: value.shape.filter(stays), axis };
    }
    case 'samplePlaces':
    case 'sampleOrder':
      throw refused(node, { code: 'reasonMixesSamples', args: {} });
    case 'weight':
      return { ...value, shape: value.shape.filter(stays), strides: value.strides.filter(stays) };
  }
}

export const unsqueezeRule: Rule = async (lowering, node) => {
  const value = lowering.needed(node, 0);
  const axes = (await axesOf(lowering, node)) ?? [];
  const rank = (value.kind === 'flow' ? value.axes : value.shape).length + axes.length;
  const added = axes.map((axis) => frontAxis(node, axis, rank)).toSorted((a, b) => a - b);
  const insert = <T>(all: readonly T[], one: T) =>
    added.reduce<readonly T[]>((list, axis) => list.toSpliced(axis, 0, one), all);
  switch (value.kind) {
    case 'flow':
      lowering.set(node.outputs[0], flowOf(value.values, insert(value.axes, notional)));
      break;
    case 'numbers':
      lowering.set(node.outputs[0], { ...value, shape: insert(value.shape, 1) });
      break;
    case 'uniform':
      lowering.set(node.outputs[0], { ...value, shape: insert<Length>(value.shape, 1) });
      break;
    case 'counting': {
      const axis = insert([...value.shape.keys()], -1).indexOf(value.axis);
      lowering.set(node.outputs[0], { ...value, shape: insert<Length>(value.shape, 1), axis });
      break;
    }
    case 'samplePlaces':
    case 'sampleOrder':
      throw refused(node, { code: 'reasonMixesSamples', args: {} });
    case 'weight': {
      const [shape, strides] = [insert(value.shape, 1), insert(value.strides, 0)];
      lowering.set(node.outputs[0], { ...value, shape, strides });
    }
  }
};

/** Expand: an axis of length 1 that is repeated is only said to be longer. */
export const expandRule: Rule = async (lowering, node) => {
  const value = lowering.needed(node, 0);
  const target = (await lowering.numbers(node, 1)) ?? numbers([0], [], true);
  const known =
    value.kind === 'weight' && value.shape.every((n) => n === 1) ? await lowering.known(value) : value;
  if (known?.kind === 'numbers' || known?.kind === 'uniform') {
    const single =
      known.kind === 'uniform' ? known.value : known.values.length === 1 ? known.values[0] : undefined;
    if (typeof single === 'number') {
      lowering.set(node.outputs[0], {
        kind: 'uniform',
        shape: longer(known.shape, target.values),
        value: single,
      });
      return;
    }
  }
  if (value.kind === 'weight' && target.values.every((n) => n === 1)) {
    lowering.set(node.outputs[0], value);
    return;
  }
  if (value.kind === 'weight' && (await lowering.allZero(value))) {
    lowering.set(node.outputs[0], {
      kind: 'uniform',
      shape: longer(value.shape, target.values),
      value: 0,
    });
    return;
  }
  if (value.kind === 'weight') {
    lowering.set(node.outputs[0], longerFlow(await weightFlow(lowering, value, node), target, node));
    return;
  }
  const counting = countingOf(value);
  if (counting) {
    lowering.set(node.outputs[0], longerCounting(counting, longer(counting.shape, target.values)));
    return;
  }
  if (value.kind !== 'flow') throw refused(node, { code: 'reasonInputConstant', args: { input: 0 } });
  lowering.set(node.outputs[0], longerFlow(value, target, node));
};

/** A flow that a node repeats along its axes of length 1 to a shape. */
export function longerFlow(
  flow: Flow,
  { values: target, sources }: Pick<Numbers, 'values' | 'sources'>,
  node: OnnxNode,
): Flow {
  const shape = longer(
    flow.axes.map(({ length }) => length),
    target,
  );
  const lead = shape.length - flow.axes.length;
  return flowOf(
    flow.values,
    shape.map((length, axis): FlowAxis => {
      const own = flow.axes[axis - lead] ?? notional;
      if (own.length !== 1 || length === 1) return own;
      const source = sources?.[axis - (shape.length - target.length)];
      return { parts: [], length, repeatedBy: node, ...(source && { source }) };
    }),
  );
}

/** The shape of both together, as broadcasting has it. */
function longer(shape: Uniform['shape'], target: Numbers['values']): Numbers['values'] {
  const rank = Math.max(shape.length, target.length);
  const at = (all: Uniform['shape'], axis: number) => all[axis - (rank - all.length)] ?? 1;
  return Array.from({ length: rank }, (_, axis) =>
    at(shape, axis) === 1 ? at(target, axis) : at(shape, axis),
  );
}
