import type { GateView } from '../../../../model/gateView.ts';
import type { ConvNode, RowWindow, StepWindow } from '../../../../model/windowNodes.ts';
import { reachOf } from '../../../../model/windowReach.ts';
import { intOf, intsOf, textOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { unstacked, withLast } from '../arrange.ts';
import { type Length, overDown, plus } from '../lengths.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Flow, type FlowAxis, flowOf, type Place, type WeightValue } from '../values.ts';
import { vector } from './normalization.ts';
import { reduced } from './reduce.ts';

/** How a window goes over one axis of x [B,C,…]. */
interface Window extends RowWindow {
  /** Of ONNX' axes behind the channels. */
  readonly along: number;
}

/** Over steps, and over rows where it moves along two axes; along others behind the channels it sees one place after the other. */
interface Windows {
  readonly steps: Window;
  readonly rows?: Window;
}

function windowsOf(lowering: Lowering, node: OnnxNode, flow: Flow, kernel: readonly number[]): Windows {
  if (flow.axes.length < 3 || kernel.length !== flow.axes.length - 2 || kernel.some((size) => size < 1))
    throw refused(node, { code: 'reasonMatrices', args: {} });
  if (intOf(node, 'ceil_mode', 0) !== 0)
    throw refused(node, { code: 'reasonAttribute', args: { name: 'ceil_mode' } });
  const all = kernel.map((_, along) => windowOf(node, kernel, along));
  const moving = all.filter(
    ({ size, stride, padding }, axis) =>
      size !== 1 ||
      (stride !== 1 && flow.axes[axis + 2].length !== 1) ||
      (padding !== 'same' && padding.some((steps) => steps !== 0)),
  );
  if (moving.length > 2) throw refused(node, { code: 'reasonThreeDimensions', args: {} });
  // Of images in steps, such as a video's, no axis counts as steps by itself.
  const isVideo = all.length === 2 && lowering.emitter.shape(flow.values[0]).length > 4;
  const [first, second] = isVideo ? all : moving;
  if (second) return { rows: first, steps: second };
  return {
    steps: first ?? all.findLast((_, axis) => flow.axes[axis + 2].length !== 1) ?? all[all.length - 1],
  };
}

/** More than any model means, and few enough to compute. */
const mostPads = 1 << 20;

/** ONNX Runtime opens no model whose windows stand still, go back, or leave places out at the ends. */
function windowOf(node: OnnxNode, kernel: readonly number[], along: number): Window {
  const at = (name: string, axis: number, usual: number) => intsOf(node, name)?.[axis] ?? usual;
  const auto = textOf(node, 'auto_pad', 'NOTSET');
  const size = kernel[along];
  const stride = at('strides', along, 1);
  const dilation = at('dilations', along, 1);
  if (auto === 'SAME_LOWER' && size !== 1 && (stride !== 1 || ((size - 1) * dilation) % 2 !== 0))
    throw refused(node, { code: 'reasonAttribute', args: { name: 'auto_pad' } });
  const given = [at('pads', along, 0), at('pads', along + kernel.length, 0)] as const;
  const sound = {
    strides: stride >= 1,
    dilations: dilation >= 1,
    pads: given.every((n) => n >= 0 && n <= mostPads),
  };
  for (const [name, fits] of Object.entries(sound))
    if (!fits) throw refused(node, { code: 'reasonAttribute', args: { name } });
  const padding = auto.startsWith('SAME') ? 'same' : auto === 'VALID' ? ([0, 0] as const) : given;
  return { along, size, stride, dilation, padding };
}

/** Steps that come out. */
function stepsOut(length: Length, { size, stride, dilation, padding }: Window): Length {
  if (padding === 'same') return overDown(plus(length, stride - 1), stride);
  return plus(overDown(plus(length, padding[0] + padding[1] - reachOf(size, dilation)), stride), 1);
}

/** x as [B,…,T,C], or [B,…,H,W,C]. */
function overWindows(lowering: Lowering, node: OnnxNode, flow: Flow, { rows, steps }: Windows): Flow {
  const moving = [...(rows ? [2 + rows.along] : []), 2 + steps.along];
  return withLast(lowering.emitter, unstacked(lowering.emitter, flow, node), [...moving, 1], node);
}

/** Shape of our value behind the windows, from that before. */
function shapeOut(shape: readonly Place[], { rows, steps }: Windows, channels: Length): Place[] {
  const along = (axis: number, window: Window) => ({ length: stepsOut(shape.at(axis)?.length ?? 0, window) });
  const before = rows ? [...shape.slice(0, -3), along(-3, rows)] : shape.slice(0, -2);
  return [...before, along(-2, steps), { length: channels }];
}

/**
 * ONNX' axes [B,C,…] over our [B,…,T,F], or [B,…,H,W,F].
 * @param flow x as the windows went over it
 * @param shape of what came out
 */
function channelsFirst(flow: Flow, shape: readonly Place[], { rows, steps }: Windows): FlowAxis[] {
  const at = (part: number): FlowAxis => ({ parts: [part], length: shape[part].length });
  return flow.axes.map((axis, i): FlowAxis => {
    if (i === 1) return at(shape.length - 1);
    if (i === 2 + steps.along) return at(shape.length - 2);
    return rows && i === 2 + rows.along ? at(shape.length - 3) : axis;
  });
}

/** The windows as a node has them. */
function moves({ rows, steps }: Windows): StepWindow & Pick<ConvNode, 'rows'> {
  const { stride, padding } = steps;
  if (!rows) return { stride, padding };
  const { along: _, ...window } = rows;
  return { stride, padding, rows: window };
}

/** Conv over one axis, or two. */
export const convRule: Rule = (lowering, node) => {
  const flow = lowering.flow(node, 0);
  const weight = lowering.needed(node, 1);
  if (weight.kind !== 'weight') throw refused(node, { code: 'reasonInputComputed', args: { input: 1 } });
  const windows = windowsOf(lowering, node, flow, weight.shape.slice(2));
  const x = overWindows(lowering, node, flow, windows);
  const shape = shapeOut(lowering.emitter.shape(x.values[0]), windows, weight.shape[0]);
  const name = lowering.emitter.add(
    {
      op: 'Conv',
      taps: tapsOf(weight, windows),
      ...(lowering.has(node, 2) && { bias: vector(lowering, node, 2) }),
      groups: intOf(node, 'group', 1),
      ...moves(windows),
      dilation: windows.steps.dilation,
      spread: 1,
      inputs: x.values,
    },
    shape,
    nameOf(node),
    node.outputs[0],
  );
  lowering.set(node.outputs[0], flowOf([name], channelsFirst(x, shape, windows)));
};

/** One matrix [F, C / groups] for each step of a kernel [F, C / groups, …], those of a row after the other. */
function tapsOf({ parameter, offset, shape, strides }: WeightValue, { rows, steps }: Windows): GateView[] {
  const [filters, columns] = shape;
  const places = (window: Window | undefined) =>
    Array.from({ length: window?.size ?? 1 }, (_, i) => (window ? i * strides[2 + window.along] : 0));
  return places(rows).flatMap((row) =>
    places(steps).map((step) => ({
      parameter,
      rows: filters,
      columns,
      offset: offset + row + step,
      rowStride: strides[0],
      columnStride: strides[1],
    })),
  );
}

/** MaxPool and AveragePool over one axis, or two. */
export function poolRule(op: 'MaxPool' | 'AveragePool'): Rule {
  return (lowering, node) => {
    const flow = lowering.flow(node, 0);
    const windows = windowsOf(lowering, node, flow, intsOf(node, 'kernel_shape') ?? []);
    const { rows, steps } = windows;
    if (steps.dilation !== 1 || (rows?.dilation ?? 1) !== 1)
      throw refused(node, { code: 'reasonAttribute', args: { name: 'dilations' } });
    const x = overWindows(lowering, node, flow, windows);
    const before = lowering.emitter.shape(x.values[0]);
    const shape = shapeOut(before, windows, before[before.length - 1].length);
    const counts = op === 'AveragePool' && intOf(node, 'count_include_pad', 0) !== 0;
    const name = lowering.emitter.add(
      { op, size: steps.size, ...moves(windows), ...(counts && { countPadding: true }), inputs: x.values },
      shape,
      nameOf(node),
      node.outputs[0],
    );
    lowering.set(node.outputs[0], flowOf([name], channelsFirst(x, shape, windows)));
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
