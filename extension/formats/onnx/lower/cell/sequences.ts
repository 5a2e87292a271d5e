import type { ValueName } from '../../../../model/graph.ts';
import { intsOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { unstacked, withLast } from '../arrange.ts';
import type { Lowering } from '../lowering.ts';
import { noCell, refused } from '../refuse.ts';
import type { FlowAxis, Place } from '../values.ts';

export interface Step {
  /** [B,I] of the steps, or [B] of a mask. */
  readonly places: readonly Place[];
  readonly axes: readonly FlowAxis[];
  readonly isMask: boolean;
}

export interface Sequences {
  /** [B,T,I] */
  readonly x: ValueName;
  /** [B,T] */
  readonly mask?: ValueName;
  readonly steps: readonly Step[];
  readonly reverse: boolean;
}

/** What the loop goes over: a sequence, and perhaps the mask of its steps. */
export function sequences(lowering: Lowering, node: OnnxNode, carried: number): Sequences {
  const count = node.inputs.length - carried;
  const list = (name: string) => intsOf(node, name) ?? Array.from({ length: count }, () => 0);
  const [axes, directions] = [list('scan_input_axes'), list('scan_input_directions')];
  const [out] = intsOf(node, 'scan_output_directions') ?? [0];
  if (directions.some((direction) => direction !== out)) throw noCell(node);
  const steps: Step[] = [];
  let x: ValueName | undefined;
  let mask: ValueName | undefined;
  for (let i = 0; i < count; i++) {
    const flow = unstacked(lowering.emitter, lowering.flow(node, carried + i), node);
    const rank = flow.axes.length;
    const axis = axes[i] < 0 ? axes[i] + rank : axes[i];
    const others = flow.axes.flatMap((_, one) => (one === axis ? [] : [one]));
    const batch = others.find((one) => flow.axes[one].parts.join() === '0');
    if (batch === undefined || !(rank === 3 || rank === 2))
      throw refused(node, { code: 'reasonMatrices', args: {} });
    const features = others.filter((one) => one !== batch);
    const arranged = withLast(lowering.emitter, flow, [axis, ...features], node);
    const [first, , width] = lowering.emitter.shape(arranged.values[0]);
    const isMask = rank === 2;
    if (isMask) mask = arranged.values[0];
    else x = arranged.values[0];
    steps.push({
      places: isMask ? [first] : [first, width],
      axes: others.map(
        (one): FlowAxis => ({ parts: [one === batch ? 0 : 1], length: flow.axes[one].length }),
      ),
      isMask,
    });
  }
  if (x === undefined || steps.filter(({ isMask }) => isMask).length !== count - 1 || count > 2)
    throw noCell(node);
  return { x, ...(mask !== undefined && { mask }), steps, reverse: out === 1 };
}
