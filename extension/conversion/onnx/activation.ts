import type { Activation, CellActivation } from '../../model/graph.ts';
import type { OnnxBuilder } from './builder.ts';

/** Applies an activation; what ONNX 17 has no operator for is put together. */
export function activate(b: OnnxBuilder, { op, alpha, beta }: Activation, x: string): string {
  const float = (name: string, value: number | undefined) =>
    value === undefined ? {} : { [name]: { float: value } };
  switch (op) {
    case 'Identity':
      return x;
    case 'Relu':
    case 'Sigmoid':
    case 'Tanh':
    case 'Softplus':
    case 'Softsign':
    case 'Selu':
    case 'Exp':
    case 'Log':
    case 'Sqrt':
    case 'Reciprocal':
    case 'Abs':
    case 'Erf':
    case 'Sin':
    case 'Cos':
      return b.add(op, [x]);
    case 'Elu':
    case 'Celu':
    case 'LeakyRelu':
    case 'ThresholdedRelu':
      return b.add(op, [x], float('alpha', alpha));
    case 'HardSigmoid':
      return b.add(op, [x], { ...float('alpha', alpha), ...float('beta', beta) });
    case 'Clip':
      return b.add('Clip', [
        x,
        ...(alpha === undefined && beta === undefined ? [] : [alpha === undefined ? '' : b.floats(alpha)]),
        ...(beta === undefined ? [] : [b.floats(beta)]),
      ]);
    case 'Affine':
      return b.add('Add', [b.add('Mul', [x, b.floats(alpha ?? 1)]), b.floats(beta ?? 0)]);
    case 'ScaledTanh':
      return b.add('Mul', [b.add('Tanh', [b.add('Mul', [x, b.floats(beta ?? 1)])]), b.floats(alpha ?? 1)]);
    case 'Gelu': {
      const erf = b.add('Erf', [b.add('Mul', [x, b.floats(Math.SQRT1_2)])]);
      return b.add('Mul', [b.add('Mul', [x, b.floats(0.5)]), b.add('Add', [erf, b.floats(1)])]);
    }
    case 'Swish':
      return b.add('Mul', [x, b.add('Sigmoid', [x])]);
    case 'HardSwish':
      return b.add('HardSwish', [x]);
    case 'Mish':
      return b.add('Mul', [x, b.add('Tanh', [b.add('Softplus', [x])])]);
    case 'Shrink':
      return b.add('Shrink', [x], { lambd: { float: alpha ?? 0.5 }, bias: { float: beta ?? 0 } });
    case 'TanhShrink':
      return b.add('Sub', [x, b.add('Tanh', [x])]);
    case 'Trunc':
      return b.add('Cast', [b.add('Cast', [x], { to: { int: 7 } })], { to: { int: 1 } });
    case 'LogSigmoid':
      return b.add('Neg', [b.add('Softplus', [b.add('Neg', [x])])]);
    case 'Squareplus': {
      const root = b.add('Sqrt', [b.add('Add', [b.add('Mul', [x, x]), b.floats(4)])]);
      return b.add('Mul', [b.add('Add', [x, root]), b.floats(0.5)]);
    }
    case 'SparsePlus': {
      const more = b.add('Add', [x, b.floats(1)]);
      const between = b.add('Mul', [b.add('Mul', [more, more]), b.floats(0.25)]);
      const upper = b.add('Where', [b.add('GreaterOrEqual', [x, b.floats(1)]), x, between]);
      return b.add('Where', [b.add('LessOrEqual', [x, b.floats(-1)]), b.floats(0), upper]);
    }
  }
}

/** The same inside a cell, of values [B,H]: a softmax runs over the units. */
export function activateCell(b: OnnxBuilder, activation: CellActivation, x: string): string {
  const { op } = activation;
  return op === 'Softmax' || op === 'LogSoftmax'
    ? b.add(op, [x], { axis: { int: -1 } })
    : activate(b, activation as Activation, x);
}

/** What ONNX' own recurrent operators can apply, by the names that they know it by; undefined where they cannot. */
export function cellFunction({ op, ...rest }: CellActivation): CellFunction | undefined {
  const { alpha, beta } = rest as Partial<Activation>;
  switch (op) {
    case 'Relu':
    case 'Sigmoid':
    case 'Tanh':
    case 'Softsign':
    case 'Softplus':
      return { name: op };
    case 'Identity':
      return { name: 'Affine', alpha: 1, beta: 0 };
    case 'Affine':
      return { name: op, alpha: alpha ?? 1, beta: beta ?? 0 };
    case 'HardSigmoid':
      return { name: op, alpha: alpha ?? 0.2, beta: beta ?? 0.5 };
    case 'Elu':
    case 'ThresholdedRelu':
      return { name: op, alpha: alpha ?? 1 };
    case 'Celu':
      // With any other alpha it is more than Elu.
      return (alpha ?? 1) === 1 ? { name: 'Elu', alpha: 1 } : undefined;
    case 'LeakyRelu':
      return { name: op, alpha: alpha ?? 0.01 };
    case 'ScaledTanh':
      return { name: op, alpha: alpha ?? 1, beta: beta ?? 1 };
    default:
      return undefined;
  }
}

export interface CellFunction {
  readonly name: string;
  readonly alpha?: number;
  readonly beta?: number;
}
