import { entryOf } from '../../entryOf.ts';
import { intOf, intsOf } from '../attributes.ts';
import { dataTypes, type OnnxNode } from '../proto.ts';
import { dequantized, type Folded, joined, reshaped, sliced, transposed, wholeTensor } from './folded.ts';
import { newShape, squeezedShape, unsqueezedShape } from './newShape.ts';
import { gatherParts, sliceRanges, splitPart } from './ranges.ts';

/** The constants that a node reads. */
export interface Constants {
  folded(input: string): Folded | undefined;
  numbers(input: string): readonly number[] | undefined;
}

type Fold = (node: OnnxNode, output: number, constants: Constants) => Folded | undefined;

/** What an output of a node is, where the node only moves constants about; undefined where it is more than that. */
export const foldNode: Fold = (node, output, constants) => {
  const fold = node.domain === '' ? entryOf(folds, node.opType) : undefined;
  return fold?.(node, output, constants);
};

const same: Fold = ({ inputs }, _, { folded }) => folded(inputs[0] ?? '');

const folds: Record<string, Fold> = {
  Constant: ({ attributes }) => {
    const tensor = attributes.get('value')?.tensor;
    return tensor && wholeTensor(tensor);
  },
  Identity: same,
  // Weights that are kept in one type and used in another are the same weights.
  Cast: (node, _, constants) => (isFloat(intOf(node, 'to', 0)) ? same(node, 0, constants) : undefined),
  Concat: (node, _, { folded }) => {
    const parts = node.inputs.map(folded);
    return parts.every((part) => part !== undefined) ? joined(parts, intOf(node, 'axis', 0)) : undefined;
  },
  Transpose: (node, _, constants) => {
    const input = same(node, 0, constants);
    return input && transposed(input, intsOf(node, 'perm') ?? [...input.shape.keys()].reverse());
  },
  Reshape: (node, _, constants) => {
    const [input, wanted] = [same(node, 0, constants), constants.numbers(node.inputs[1] ?? '')];
    const shape = input && wanted && newShape(input.shape, wanted, intOf(node, 'allowzero', 0) === 1);
    return shape && reshaped(input, shape);
  },
  Squeeze: (node, _, constants) => {
    const input = same(node, 0, constants);
    const shape = input && squeezedShape(input.shape, axesOf(node, constants));
    return shape && reshaped(input, shape);
  },
  Unsqueeze: (node, _, constants) => {
    const [input, axes] = [same(node, 0, constants), axesOf(node, constants)];
    const shape = input && axes && unsqueezedShape(input.shape, axes);
    return shape && reshaped(input, shape);
  },
  Slice: (node, _, constants) => {
    let result = same(node, 0, constants);
    const ranges = result && sliceRanges(node, result.shape, constants.numbers);
    if (!ranges) return undefined;
    for (const { axis, start, length, step } of ranges)
      result = result && sliced(result, axis, start, length, step);
    return result;
  },
  Split: (node, output, constants) => {
    const input = same(node, 0, constants);
    const part = input && splitPart(node, output, input.shape, constants.numbers);
    return part && sliced(input, part.axis, part.start, part.length);
  },
  Gather: (node, _, constants) => {
    const [input, indices] = [same(node, 0, constants), constants.numbers(node.inputs[1] ?? '')];
    if (!input || !indices) return undefined;
    const axis = wrapped(intOf(node, 'axis', 0), input.shape.length);
    const parts = axis === undefined ? undefined : gatherParts(indices, input.shape[axis]);
    if (axis === undefined || !parts) return undefined;
    const pieces = parts.map(({ start, length }) => sliced(input, axis, start, length));
    const rank = indexRank(node, constants);
    if (!pieces.every((piece) => piece !== undefined) || rank === undefined) return undefined;
    const result = joined(pieces, axis);
    return rank === 0 ? result && reshaped(result, result.shape.toSpliced(axis, 1)) : result;
  },
  DequantizeLinear: (node, _, constants) => {
    const input = same(node, 0, constants);
    const [, scaleName = '', zeroName = ''] = node.inputs;
    const scale = constants.numbers(scaleName);
    const zeroPoint = zeroName === '' ? scale?.map(() => 0) : constants.numbers(zeroName);
    if (!input || !scale || !zeroPoint || intOf(node, 'block_size', 0) > 0) return undefined;
    const axis = scale.length === 1 ? undefined : wrapped(intOf(node, 'axis', 1), input.shape.length);
    return dequantized(input, { scale, zeroPoint, axes: axis === undefined ? [] : [axis] });
  },
};

function isFloat(dataType: number): boolean {
  const { float32, float64, float16, bfloat16 } = dataTypes;
  return [float32, float64, float16, bfloat16].some((one) => one === dataType);
}

/** An attribute up to operator set 12, an input from 13 on. */
function axesOf(node: OnnxNode, { numbers }: Constants): readonly number[] | undefined {
  return intsOf(node, 'axes') ?? (node.inputs[1] ? numbers(node.inputs[1]) : undefined);
}

function indexRank({ inputs }: OnnxNode, { folded }: Constants): 0 | 1 | undefined {
  const rank = folded(inputs[1] ?? '')?.shape.length;
  return rank === 0 || rank === 1 ? rank : undefined;
}

/** An axis counted from the end where it is negative; undefined where there is none such. */
function wrapped(axis: number, rank: number): number | undefined {
  const wrapped = axis < 0 ? axis + rank : axis;
  return wrapped >= 0 && wrapped < rank ? wrapped : undefined;
}
