import { type GateView, transposedView, wholeView } from '../../../../model/gateView.ts';
import type { ValueName } from '../../../../model/graph.ts';
import { type CellBody, made } from './body.ts';

/** What is summed up in front of an activation: products with the step and the state, biases, and peepholes. */
export interface Sum {
  /** [H,I] of x. */
  readonly kernel?: GateView;
  /** [H,P] of h. */
  readonly recurrent?: GateView;
  /** [H,1], that of the kernel's product and that of the recurrent one. */
  readonly kernelBias?: GateView;
  readonly recurrentBias?: GateView;
  /** [H,1], times the cell state. */
  readonly peephole?: GateView;
  /** [H,1], of a sum that is normalised: times this, before the bias. */
  readonly normalization?: GateView;
}

/** Which values a sum may be made of. */
export interface SumInputs {
  readonly h: ValueName;
  /** What peepholes look at. */
  readonly c?: ValueName;
}

/** Sums of more, or within more sums, are no cell: a file that adds a value to itself over and over would have any number. */
const deepest = 8;
const mostTerms = 4;

/** A value as such a sum; undefined where it is anything else. Slices of sums are sums of the rows that stay. */
export function sumOf(
  body: CellBody,
  name: ValueName,
  inputs: SumInputs,
  rows?: Rows,
  depth = 0,
): Sum | undefined {
  const width = body.width(name);
  const own = rows ?? (width === undefined ? undefined : { begin: 0, end: width });
  if (!own || width === undefined || own.end > width || depth > deepest) return undefined;
  const node = body.producer(name);
  switch (node?.op) {
    case 'Add':
      if (node.inputs.length > mostTerms || !node.inputs.every((input) => body.width(input) === width))
        return undefined;
      return together(node.inputs.map((input) => sumOf(body, input, inputs, own, depth + 1)));
    case 'Slice': {
      const { axis, begin, end, step = 1, likeAxis, inputs: of } = node;
      const whole = body.width(of[0]);
      if (axis !== 1 || likeAxis !== undefined || step !== 1 || whole === undefined) return undefined;
      const first = begin < 0 ? begin + whole : begin;
      const last = end === undefined ? whole : end < 0 ? end + whole : end;
      if (last - first !== width) return undefined;
      return sumOf(body, of[0], inputs, { begin: first + own.begin, end: first + own.end }, depth + 1);
    }
    case 'MatMul':
      return productOf(body, name, inputs, own);
    case 'Weight':
      return { kernelBias: vector(node.view, own) };
    case 'Mul': {
      const at = node.inputs.indexOf(inputs.c ?? '');
      const hole = made(body, node.inputs[1 - at], 'Weight');
      if (at === -1 || node.inputs.length !== 2 || body.width(node.inputs[1 - at]) !== width)
        return undefined;
      return hole && { peephole: vector(hole.view, own) };
    }
    default:
      return undefined;
  }
}

/** The sum of sums; undefined where there are none, or two have the same part. */
export function together(sums: readonly (Sum | undefined)[]): Sum | undefined {
  const [first, ...others] = sums;
  return others.reduce((a, b) => (a && b ? both(a, b) : undefined), first);
}

interface Rows {
  readonly begin: number;
  readonly end: number;
}

/** A sum of two sums; undefined where both have the same part. Two biases are that of the kernel and that of the recurrent kernel. */
function both(a: Sum, b: Sum): Sum | undefined {
  const biases = [a.kernelBias, a.recurrentBias, b.kernelBias, b.recurrentBias].filter(
    (one) => one !== undefined,
  );
  const alike = (['kernel', 'recurrent', 'peephole'] as const).some((part) => a[part] && b[part]);
  if (alike || biases.length > 2) return undefined;
  const ofKernel = a.kernelBias && b.kernelBias ? a.kernelBias : (a.kernelBias ?? b.kernelBias);
  const ofRecurrent = biases.find((one) => one !== ofKernel);
  return {
    ...a,
    ...b,
    ...(ofKernel && { kernelBias: ofKernel }),
    ...(ofRecurrent && { recurrentBias: ofRecurrent }),
  };
}

/** x · K + b, h · R + b, or [x, h] · W + b. */
function productOf(body: CellBody, name: ValueName, { h }: SumInputs, { begin, end }: Rows): Sum | undefined {
  const node = made(body, name, 'MatMul');
  if (!node || (node.inputAxes ?? 1) !== 1 || node.weight.shape.length !== 2) return undefined;
  const whole = node.transposed ? transposedView(node.weight) : wholeView(node.weight);
  const view = { ...whole, rows: end - begin, offset: whole.offset + begin * whole.rowStride };
  const bias = node.bias && vector(wholeView(node.bias), { begin, end });
  const [input] = node.inputs;
  if (input === body.x) return { kernel: view, ...(bias && { kernelBias: bias }) };
  if (input === h) return { recurrent: view, ...(bias && { recurrentBias: bias }) };
  const joined = made(body, input, 'Concat');
  const width = joined && joined.axis === 1 && joined.inputs.length === 2 && body.width(joined.inputs[0]);
  if (!width || !joined.inputs.includes(body.x) || !joined.inputs.includes(h)) return undefined;
  const parts = [
    { ...view, columns: width },
    { ...view, columns: view.columns - width, offset: view.offset + width * view.columnStride },
  ];
  const [kernel, recurrent] = joined.inputs[0] === body.x ? parts : parts.toReversed();
  return { kernel, recurrent, ...(bias && { kernelBias: bias }) };
}

/** Some of a list of values, as [H,1]. */
function vector(view: GateView, { begin, end }: Rows): GateView {
  const step = view.rows === 1 ? view.columnStride : view.rowStride;
  return {
    parameter: view.parameter,
    rows: end - begin,
    columns: 1,
    offset: view.offset + begin * step,
    rowStride: step,
    columnStride: 1,
  };
}
