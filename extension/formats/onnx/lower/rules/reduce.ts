import { intOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { repeated, unstacked } from '../arrange.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Flow, type FlowAxis, flowOf, notional } from '../values.ts';
import { axesOf, frontAxis } from './layout.ts';
import { applied } from './unary.ts';

type By = 'Sum' | 'Mean' | 'Max' | 'Min';

/** ReduceSum, ReduceMean, ReduceMax, ReduceMin over any axes but the batch. */
export function reduceRule(by: By): Rule {
  return async (lowering, node) => {
    lowering.set(node.outputs[0], await overAxes(lowering, node, lowering.flow(node, 0), by));
  };
}

/** ReduceL2 and ReduceSumSquare. */
export function squaresRule(root: boolean): Rule {
  return async (lowering, node) => {
    const flow = unstacked(lowering.emitter, lowering.flow(node, 0), node);
    const squared = applied(lowering, flow, (input) => ({ op: 'Mul', inputs: [input, input] }), node);
    const sum = await overAxes(lowering, node, squared, 'Sum');
    const sqrt = { op: 'Sqrt' } as const;
    lowering.set(
      node.outputs[0],
      root
        ? applied(lowering, sum, (input) => ({ op: 'Activation', activation: sqrt, inputs: [input] }), node)
        : sum,
    );
  };
}

async function overAxes(lowering: Lowering, node: OnnxNode, flow: Flow, by: By): Promise<Flow> {
  const rank = flow.axes.length;
  const given = (await axesOf(lowering, node))?.map((axis) => frontAxis(node, axis, rank));
  const none = given === undefined || given.length === 0;
  if (none && intOf(node, 'noop_with_empty_axes', 0) === 1) return flow;
  const axes = none ? flow.axes.map((_, axis) => axis) : given;
  const keep = intOf(node, 'keepdims', 1) === 1;
  return (
    (by === 'Max' && !keep ? anyFeature(lowering, node, flow, axes) : undefined) ??
    reduced(lowering, node, flow, axes, by, keep)
  );
}

/** Whether any feature of a step differs from a number, of truths whether each one does. */
function anyFeature(
  lowering: Lowering,
  node: OnnxNode,
  flow: Flow,
  axes: readonly number[],
): Flow | undefined {
  const { emitter } = lowering;
  const [name] = flow.values;
  const made = emitter.producer(name);
  const [batch, steps, ...features] = emitter.shape(name);
  const lie = flow.axes.map(({ parts }) => parts.join());
  if (made?.op !== 'NotEqualMask' || made.overFeatures || features.length !== 1) return undefined;
  if (flow.values.length !== 1 || axes.length !== 1 || lie[axes[0]] !== '2') return undefined;
  const { value, inputs } = made;
  const bare = { op: 'NotEqualMask', value, overFeatures: true, inputs } as const;
  const any = emitter.add(bare, [batch, steps], nameOf(node), node.outputs[0]);
  return flowOf([any], flow.axes.toSpliced(axes[0], 1));
}

export function reduced(
  lowering: Lowering,
  node: OnnxNode,
  flow: Flow,
  axes: readonly number[],
  by: By,
  keep: boolean,
): Flow {
  const { emitter } = lowering;
  const single = repeated(emitter, unstacked(emitter, flow, node), by === 'Sum' ? axes : [], node);
  const gone = axes.flatMap((axis) => single.axes[axis].parts);
  if (gone.includes(0)) throw refused(node, { code: 'reasonMixesSamples', args: {} });
  const [name] = single.values;
  const shape = emitter.shape(name);
  const places = shape.filter((_, axis) => !gone.includes(axis));
  const overSteps = gone.length === 1 && gone[0] === 1 && shape.length === 3;
  const value =
    gone.length === 0
      ? name
      : emitter.add(
          overSteps && (by === 'Mean' || by === 'Max')
            ? { op: `Reduce${by}`, inputs: [name] }
            : { op: 'Reduce', by, axes: gone.toSorted((a, b) => a - b), inputs: [name] },
          places,
          nameOf(node),
          node.outputs[0],
        );
  const moved = (part: number) => part - gone.filter((axis) => axis < part).length;
  const left = single.axes.flatMap((axis, i): FlowAxis[] => {
    if (!axes.includes(i)) return [{ ...axis, parts: axis.parts.map(moved) }];
    return keep ? [notional] : [];
  });
  return flowOf([value], left);
}
