import type { Activation, GraphNode } from '../../model/graph.ts';
import { activationOption, impossible, impossibleNode } from './activationName.ts';
import type { BareLayer, Dialect, KerasLayer, KerasOperation, KerasTensor } from './description.ts';

/** Functions that no layer has as its activation. */
const functions: Partial<Record<Activation['op'], string>> = {
  Abs: 'Absolute',
  Cos: 'Cos',
  Exp: 'Exp',
  Log: 'Log',
  Reciprocal: 'Reciprocal',
  Sin: 'Sin',
  Sqrt: 'Sqrt',
};

/** The largest float32: a bound that is no bound has no number in a file. */
const largest = (2 - 2 ** -23) * 2 ** 127;

/** The operation of Keras 3 that does what no layer does. Throws conversionImpossible where there is none. */
export function operationOf(node: GraphNode, dialect: Dialect): BareLayer {
  if (dialect === 'keras') {
    switch (node.op) {
      case 'Activation':
        return functionOf(node);
      case 'LogSoftmax':
        return operation('LogSoftmax', { axis: node.axis }, 'nn');
      case 'Reduce':
        return operation(node.by, { axis: node.axes, keepdims: node.keepAxes === true });
      case 'Div':
        return operation('Divide');
      case 'Pow':
        return operation('Power');
      case 'Product':
        return operation('Matmul');
      default:
    }
  }
  if (node.op === 'Activation') throw impossible(node.origin, activationOption(node.activation), dialect);
  throw impossibleNode(node, dialect);
}

function functionOf({ activation, origin }: Extract<GraphNode, { op: 'Activation' }>): BareLayer {
  const { op, alpha, beta } = activation;
  const plain = functions[op];
  if (plain !== undefined) return operation(plain);
  if (op === 'Erf') return operation('Erf', {}, 'math');
  if (op === 'Celu') return operation('Celu', { alpha: alpha ?? 1 }, 'nn');
  if (op !== 'Clip') throw impossible(origin, activationOption(activation), 'keras');
  const [from, to] = [alpha ?? -largest, beta ?? largest];
  return operation('Clip', { x_min: Math.max(from, -largest), x_max: Math.min(to, largest) });
}

function operation(className: string, config: object = {}, module = 'numpy'): BareLayer {
  return { className, config: { ...config }, weights: [], operation: { module: `keras.src.ops.${module}` } };
}

/** An operation of NumPy's as the layer that it is in a file. */
export function operationLayer(
  className: string,
  name: string,
  inputs: readonly KerasTensor[],
  { config, constants }: { readonly config?: object; readonly constants?: KerasOperation['constants'] },
): KerasLayer {
  const module = 'keras.src.ops.numpy';
  return {
    className,
    name,
    config: { ...config, name },
    inputs,
    weights: [],
    operation: { module, ...(constants && { constants }) },
  };
}
