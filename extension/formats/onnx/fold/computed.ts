import { sizeOf } from '../../../model/parameter.ts';
import { entryOf } from '../../entryOf.ts';
import { intOf, intsOf } from '../attributes.ts';
import { type ComputedValues, dataTypes, type OnnxNode, type OnnxTensor } from '../proto.ts';
import { broadcastShape } from './broadcast.ts';
import { elementwise, reduced } from './compute.ts';
import { type Folded, isJoined } from './folded.ts';
import type { Constants } from './foldNode.ts';
import { elementwiseFunctions, reductions, unaryFunctions } from './functions.ts';

/** Constants of a scope, and their type where they are read. */
export interface TypedConstants extends Constants {
  isFloat32(input: string): boolean;
}

interface Computation extends Pick<ComputedValues, 'compute'> {
  readonly shape: readonly number[];
}

/** Values of one tensor. */
const mostValues = 2 ** 25;
/** What a read takes however little is read, in steps of arithmetic. */
const stepsOfRead = 2 ** 10;

/** Steps that all computed tensors of a file together may still take: weight normalisation takes some ten a weight. */
export interface Budget {
  steps: number;
}

export function newBudget(): Budget {
  return { steps: 2 ** 28 };
}

const steps = new WeakMap<OnnxTensor, number>();
/** A node is seen from several scopes: what it computes is one tensor. */
const known = new WeakMap<OnnxNode, OnnxTensor>();

/**
 * The tensor that a node computes of constants by arithmetic, as weight_norm's v · (g / ‖v‖) is exported by torch.onnx; undefined where it
 * is none of float32, or not known here. No value is computed before it is read.
 */
export function computedTensor(
  node: OnnxNode,
  constants: TypedConstants,
  budget: Budget,
): OnnxTensor | undefined {
  const before = known.get(node);
  if (before) return before;
  if (node.domain !== '' || node.outputs.length !== 1) return undefined;
  const names = operandsOf(node);
  const operands = names.map(constants.folded);
  const [first] = operands;
  if (!first || !operands.every(isPlain) || !valuesOf(node, names).every(constants.isFloat32))
    return undefined;
  const made = computation(
    node,
    operands.map(({ shape }) => shape),
    constants,
  );
  if (!made || sizeOf(made.shape) > mostValues) return undefined;
  const { shape: dims, compute } = made;
  const cost = operands.reduce(
    (sum, operand) => sum + sizeOf(operand.shape) + stepsOf(operand),
    sizeOf(dims),
  );
  if (cost > budget.steps) return undefined;
  budget.steps -= cost;
  const tensor: OnnxTensor = {
    place: node.place,
    name: node.outputs[0],
    dims,
    dataType: dataTypes.float32,
    values: { kind: 'computed', node, operands, compute },
  };
  known.set(node, tensor);
  steps.set(tensor, cost);
  return tensor;
}

/** The inputs that have values; others say axes and lengths. */
function operandsOf({ opType, inputs }: OnnxNode): readonly string[] {
  return opType === 'Expand' || opType.startsWith('Reduce') ? inputs.slice(0, 1) : inputs;
}

/** A condition is no number. */
function valuesOf({ opType }: OnnxNode, operands: readonly string[]): readonly string[] {
  return opType === 'Where' ? operands.slice(1) : operands;
}

function computation(
  node: OnnxNode,
  shapes: readonly (readonly number[])[],
  constants: Constants,
): Computation | undefined {
  const { opType } = node;
  const unary = entryOf(unaryFunctions, opType);
  const several = entryOf(elementwiseFunctions, opType);
  const reduction = entryOf(reductions, opType);
  if (unary) return { shape: shapes[0], compute: ([x]) => x.map(unary) };
  // Up to operator set 6 attributes said which axes of the two go together.
  if (several && node.attributes.size === 0 && shapes.length === (opType === 'Where' ? 3 : 2)) {
    const shape = together(shapes);
    return shape && { shape, compute: (operands) => elementwise(several, operands, shapes, shape) };
  }
  if (opType === 'Expand') {
    const wanted = constants.numbers(node.inputs[1] ?? '');
    const shape = wanted?.every((length) => length >= 0) && together([shapes[0], wanted]);
    return shape
      ? { shape, compute: (operands) => elementwise((x) => x, operands, shapes, shape) }
      : undefined;
  }
  if (!reduction) return undefined;
  const [from] = shapes;
  const axes = goneAxes(node, from.length, constants);
  if (!axes) return undefined;
  const isKept = intOf(node, 'keepdims', 1) === 1;
  return {
    shape: from.flatMap((length, axis) => (!axes.has(axis) ? [length] : isKept ? [1] : [])),
    compute: ([x]) => reduced(reduction, x, from, axes),
  };
}

function together(shapes: readonly (readonly number[])[]): readonly number[] | undefined {
  return shapes.reduce<readonly number[] | undefined>(
    (all, shape) => all && broadcastShape(all, shape, mostValues),
    [],
  );
}

/** Axes that a reduction goes over, counted from the front; undefined where they are not known. */
function goneAxes(node: OnnxNode, rank: number, { numbers }: Constants): ReadonlySet<number> | undefined {
  const input = node.inputs[1] ?? '';
  const given = intsOf(node, 'axes') ?? (input === '' ? [] : numbers(input));
  if (!given) return undefined;
  if (given.length === 0)
    return new Set(intOf(node, 'noop_with_empty_axes', 0) === 1 ? [] : Array(rank).keys());
  const axes = given.map((axis) => (axis < 0 ? axis + rank : axis));
  return axes.every((axis) => axis >= 0 && axis < rank) ? new Set(axes) : undefined;
}

function isPlain(folded: Folded | undefined): folded is Folded {
  if (!folded) return false;
  return isJoined(folded) ? folded.parts.every(isPlain) : !folded.dequantizedBy;
}

function stepsOf(folded: Folded): number {
  if (isJoined(folded)) return folded.parts.reduce((sum, part) => sum + stepsOf(part), 0);
  const { tensor } = folded;
  return steps.get(tensor) ?? sizeOf(tensor.dims) + stepsOfRead;
}
