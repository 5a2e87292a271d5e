import { type Parameter, readMasked } from '../../model/parameter.ts';
import { frontAxis } from '../../ops/shape.ts';
import type { OnnxBuilder } from './builder.ts';
import type { NodeOf } from './nodes.ts';
import { rankOf } from './shapes.ts';

type NormalizationNode =
  | NodeOf<'BatchNormalization'>
  | NodeOf<'LayerNormalization'>
  | NodeOf<'GroupNormalization'>
  | NodeOf<'LpNormalization'>
  | NodeOf<'PRelu'>;

/** Normalisation, and PRelu, whose weights too stand along axes of x. */
export function normalization(b: OnnxBuilder, node: NormalizationNode, x: string): string {
  if (node.op === 'PRelu') {
    const { slope } = node;
    return b.add('PRelu', [x, b.weights('slope', [1, ...slope.shape], () => readMasked(slope))]);
  }
  const rank = rankOf(b, node.inputs[0]);
  const axis = frontAxis(node.axis, rank);
  switch (node.op) {
    case 'BatchNormalization':
      return batchNormalization(b, node, x, axis, rank);
    case 'LayerNormalization':
      return layerNormalization(b, node, x, axis, rank);
    case 'GroupNormalization':
      return groupNormalization(b, node, x, axis, rank);
    case 'LpNormalization': {
      const squares = b.add('ReduceSum', [b.add('Mul', [x, x]), b.ints([axis])]);
      return b.add('Div', [x, b.add('Sqrt', [b.add('Max', [squares, b.floats(node.epsilon)])])]);
    }
  }
}

/** With the moving statistics. ONNX has the channels in the second axis. */
function batchNormalization(
  b: OnnxBuilder,
  { mean, variance, gamma, beta, epsilon }: NodeOf<'BatchNormalization'>,
  x: string,
  axis: number,
  rank: number,
): string {
  const [size] = mean.shape;
  const vector = (what: string, parameter: Parameter | undefined, usual: number) =>
    b.weights(what, [size], async () =>
      parameter ? readMasked(parameter) : new Float32Array(size).fill(usual),
    );
  const channelsSecond = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis);
  channelsSecond.splice(1, 0, axis);
  const back = channelsSecond.map((_, i) => channelsSecond.indexOf(i));
  const turn = (value: string, order: readonly number[]) =>
    axis === 1 ? value : b.add('Transpose', [value], { perm: { ints: order } });
  const inputs = [
    turn(x, channelsSecond),
    vector('gamma', gamma, 1),
    vector('beta', beta, 0),
    vector('mean', mean, 0),
    vector('variance', variance, 1),
  ];
  return turn(b.add('BatchNormalization', inputs, { epsilon: { float: epsilon } }), back);
}

/** ONNX' own where it is the last axis. */
function layerNormalization(
  b: OnnxBuilder,
  node: NodeOf<'LayerNormalization'>,
  x: string,
  axis: number,
  rank: number,
): string {
  const { gamma, beta, epsilon } = node;
  const size = b.shapes.get(node.inputs[0])?.[axis] ?? gamma?.shape[0];
  if (axis !== rank - 1 || size === undefined || size === null)
    return scaled(b, node, standardized(b, x, [axis], epsilon), axis, rank);
  const scale = b.weights('gamma', [size], async () =>
    gamma ? readMasked(gamma) : new Float32Array(size).fill(1),
  );
  const inputs = [x, scale, ...(beta ? [b.weights('beta', [size], () => readMasked(beta))] : [])];
  return b.add('LayerNormalization', inputs, { axis: { int: -1 }, epsilon: { float: epsilon } });
}

function groupNormalization(
  b: OnnxBuilder,
  node: NodeOf<'GroupNormalization'>,
  x: string,
  axis: number,
  rank: number,
): string {
  const shape = b.add('Shape', [x]);
  const width = b.shapes.get(node.inputs[0])?.[axis] ?? 0;
  const front = b.add('Slice', [shape, b.ints([0]), b.ints([axis])]);
  const rest = b.add('Slice', [shape, b.ints([axis + 1]), b.ints([rank])]);
  const cut = b.add('Concat', [front, b.ints([node.groups, width / node.groups]), rest], {
    axis: { int: 0 },
  });
  const grouped = b.add('Reshape', [x, cut]);
  const together = Array.from({ length: rank + 1 }, (_, i) => i).filter((i) => i !== 0 && i !== axis);
  const normalized = b.add('Reshape', [standardized(b, grouped, together, node.epsilon), shape]);
  return scaled(b, node, normalized, axis, rank);
}

/** To mean 0 and variance 1 over some axes. */
function standardized(b: OnnxBuilder, x: string, axes: readonly number[], epsilon: number): string {
  const mean = (value: string) => b.add('ReduceMean', [value], { axes: { ints: axes } });
  const centred = b.add('Sub', [x, mean(x)]);
  const variance = mean(b.add('Mul', [centred, centred]));
  return b.add('Div', [centred, b.add('Sqrt', [b.add('Add', [variance, b.floats(epsilon)])])]);
}

function scaled(
  b: OnnxBuilder,
  { gamma, beta }: { readonly gamma?: Parameter; readonly beta?: Parameter },
  x: string,
  axis: number,
  rank: number,
): string {
  const vector = (what: string, parameter: Parameter) =>
    b.weights(what, along(parameter.shape[0], axis, rank), () => readMasked(parameter));
  const product = gamma ? b.add('Mul', [x, vector('gamma', gamma)]) : x;
  return beta ? b.add('Add', [product, vector('beta', beta)]) : product;
}

/** The shape of a vector that stands along one axis of a value; what is behind it is repeated. */
function along(length: number, axis: number, rank: number): number[] {
  return [length, ...Array.from({ length: rank - 1 - axis }, () => 1)];
}
