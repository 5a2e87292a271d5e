import type { GateView } from '../../../../model/gateView.ts';
import { intOf, intsOf, textOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { unstacked, withLast } from '../arrange.ts';
import { type Length, overDown, plus } from '../lengths.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Flow, type FlowAxis, flowOf, type WeightValue } from '../values.ts';
import { vector } from './normalization.ts';
import { reduced } from './reduce.ts';

/** How a window goes over one axis of steps of x [B,C,…]; along other axes behind the channels it sees one place after the other. */
interface Window {
  /** Of ONNX' axes behind the channels. */
  readonly along: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: 'same' | readonly [number, number];
}

function windowOf(node: OnnxNode, flow: Flow, kernel: readonly number[]): Window {
  if (flow.axes.length < 3 || kernel.length !== flow.axes.length - 2 || kernel.some((size) => size < 1))
    throw refused(node, { code: 'reasonMatrices', args: {} });
  const lengths = flow.axes.slice(2).map(({ length }) => length);
  const strides = kernel.map((_, axis) => intsOf(node, 'strides')?.[axis] ?? 1);
  const long = kernel.flatMap((size, axis) => (size !== 1 || lengths[axis] !== 1 ? [axis] : []));
  const moved = long.filter((axis) => kernel[axis] !== 1 || strides[axis] !== 1);
  if (moved.length > 1) throw refused(node, { code: 'reasonTwoDimensions', args: {} });
  const along = moved[0] ?? long.at(-1) ?? kernel.length - 1;
  const at = (name: string, usual: number) => intsOf(node, name)?.[along] ?? usual;
  const pads = intsOf(node, 'pads') ?? kernel.flatMap(() => [0, 0]);
  const others = pads.filter((_, i) => i % kernel.length !== along);
  const auto = textOf(node, 'auto_pad', 'NOTSET');
  const stride = strides[along];
  const size = kernel[along];
  const dilation = at('dilations', 1);
  if (others.some((pad) => pad !== 0) || intOf(node, 'ceil_mode', 0) !== 0)
    throw refused(node, {
      code: 'reasonAttribute',
      args: { name: intOf(node, 'ceil_mode', 0) ? 'ceil_mode' : 'pads' },
    });
  const reach = (size - 1) * dilation;
  if (auto === 'SAME_LOWER' && (stride !== 1 || reach % 2 !== 0))
    throw refused(node, { code: 'reasonAttribute', args: { name: 'auto_pad' } });
  if (auto.startsWith('SAME')) return { along, size, stride, dilation, padding: 'same' };
  const padding =
    auto === 'VALID' ? ([0, 0] as const) : ([pads[along], pads[along + kernel.length]] as const);
  return { along, size, stride, dilation, padding };
}

/** Steps that come out. */
function stepsOut(length: Length, { size, stride, dilation, padding }: Window): Length {
  if (padding === 'same') return overDown(plus(length, stride - 1), stride);
  const reach = (size - 1) * dilation + 1;
  return plus(overDown(plus(length, padding[0] + padding[1] - reach), stride), 1);
}

/** x as [B,…,T,C]. */
function overSteps(lowering: Lowering, node: OnnxNode, flow: Flow, along: number): Flow {
  return withLast(lowering.emitter, unstacked(lowering.emitter, flow, node), [2 + along, 1], node);
}

/** ONNX' axes [B,C,…] over [B,…,T,F]. @param flow x as [B,…,T,C] @param rank of that */
function channelsFirst(flow: Flow, rank: number, along: number, steps: Length, channels: Length): FlowAxis[] {
  return flow.axes.map((axis, i): FlowAxis => {
    if (i === 1) return { parts: [rank - 1], length: channels };
    return i === 2 + along ? { parts: [rank - 2], length: steps } : axis;
  });
}

/** Conv over one axis. */
export const convRule: Rule = (lowering, node) => {
  const flow = lowering.flow(node, 0);
  const weight = lowering.needed(node, 1);
  if (weight.kind !== 'weight') throw refused(node, { code: 'reasonInputComputed', args: { input: 1 } });
  const window = windowOf(node, flow, weight.shape.slice(2));
  const { along, stride, dilation, padding } = window;
  const x = overSteps(lowering, node, flow, along);
  const shape = lowering.emitter.shape(x.values[0]);
  const steps = stepsOut(shape[shape.length - 2].length, window);
  const [filters] = weight.shape;
  const name = lowering.emitter.add(
    {
      op: 'Conv',
      taps: tapsOf(weight, along),
      ...(lowering.has(node, 2) && { bias: vector(lowering, node, 2) }),
      groups: intOf(node, 'group', 1),
      stride,
      dilation,
      padding,
      spread: 1,
      inputs: x.values,
    },
    [...shape.slice(0, -2), { length: steps }, { length: filters }],
    nameOf(node),
    node.outputs[0],
  );
  lowering.set(node.outputs[0], flowOf([name], channelsFirst(x, shape.length, along, steps, filters)));
};

/** One matrix [F, C / groups] for each step of a kernel [F, C / groups, …]. */
function tapsOf({ parameter, offset, shape, strides }: WeightValue, along: number): GateView[] {
  const [rows, columns] = shape;
  return Array.from({ length: shape[2 + along] }, (_, step) => ({
    parameter,
    rows,
    columns,
    offset: offset + step * strides[2 + along],
    rowStride: strides[0],
    columnStride: strides[1],
  }));
}

/** MaxPool and AveragePool over one axis. */
export function poolRule(op: 'MaxPool' | 'AveragePool'): Rule {
  return (lowering, node) => {
    const flow = lowering.flow(node, 0);
    const window = windowOf(node, flow, intsOf(node, 'kernel_shape') ?? []);
    const { along, size, stride, padding, dilation } = window;
    if (dilation !== 1) throw refused(node, { code: 'reasonAttribute', args: { name: 'dilations' } });
    const x = overSteps(lowering, node, flow, along);
    const shape = lowering.emitter.shape(x.values[0]);
    const [time, channels] = shape.slice(-2);
    const steps = stepsOut(time.length, window);
    const counts = op === 'AveragePool' && intOf(node, 'count_include_pad', 0) !== 0;
    const name = lowering.emitter.add(
      { op, size, stride, padding, ...(counts && { countPadding: true }), inputs: x.values },
      shape.with(-2, { length: steps }),
      nameOf(node),
      node.outputs[0],
    );
    lowering.set(
      node.outputs[0],
      flowOf([name], channelsFirst(x, shape.length, along, steps, channels.length)),
    );
  };
}

/** GlobalMaxPool and GlobalAveragePool: all axes behind the channels. */
export function globalPoolRule(by: 'Max' | 'Mean'): Rule {
  return (lowering, node) => {
    const flow = lowering.flow(node, 0);
    if (flow.axes.length < 3) throw refused(node, { code: 'reasonMatrices', args: {} });
    const axes = flow.axes.flatMap((_, axis) => (axis >= 2 ? [axis] : []));
    lowering.set(node.outputs[0], reduced(lowering, node, flow, axes, by, true));
  };
}
