import { isInteger } from '../../model/quantization.ts';
import type { OnnxModel, OnnxNode, OnnxTensor } from './proto.ts';
import { bodies, nameOf } from './recurrent/found.ts';
import { elementType } from './values/elementType.ts';

/** A tensor that may be a weight, and what it goes by. */
export interface NamedTensor {
  readonly tensor: OnnxTensor;
  readonly name: string;
}

/**
 * Every tensor of floating-point values in the order of the file: initializers of all graphs, and constants in nodes that are more than
 * one number; integers where `alsoIntegers` asks for them.
 */
export function weightTensors(
  model: OnnxModel,
  alsoIntegers: (tensor: OnnxTensor) => boolean,
): NamedTensor[] {
  const tensors: NamedTensor[] = [];
  // A constant of a function stands at each of its calls.
  const known = new Set<OnnxTensor>();
  const add = (tensor: OnnxTensor, name: string, least: number) => {
    const dtype = elementType(tensor.dataType)?.dtype;
    const wanted = dtype !== undefined && (!isInteger(dtype) || alsoIntegers(tensor));
    if (!wanted || known.has(tensor)) return;
    known.add(tensor);
    if (tensor.dims.every((length) => length > 0) && tensor.dims.length >= least)
      tensors.push({ tensor, name });
  };
  const visitNodes = (nodes: readonly OnnxNode[]): void => {
    for (const node of nodes) {
      const constant = node.opType === 'Constant' ? node.attributes.get('value')?.tensor : undefined;
      if (constant) add(constant, nameOf(node), 1);
      for (const graph of bodies(node)) visitGraph(graph);
    }
  };
  const visitGraph = ({ initializers, nodes }: Pick<OnnxModel['graph'], 'initializers' | 'nodes'>): void => {
    for (const [name, tensor] of initializers) add(tensor, name, 0);
    visitNodes(nodes);
  };
  visitGraph(model.graph);
  return tensors;
}

/** Gives names that were not given before: `name`, then `name_2`. */
export function uniqueNames(): (name: string) => string {
  /** By each that was given the number to try next behind it. */
  const given = new Map<string, number>();
  return (name) => {
    let free = name;
    let n = given.get(name) ?? 1;
    while (given.has(free)) free = `${name}_${++n}`;
    given.set(name, n);
    if (free !== name) given.set(free, 1);
    return free;
  };
}
