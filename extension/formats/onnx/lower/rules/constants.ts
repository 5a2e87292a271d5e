import { intOf } from '../../attributes.ts';
import type { OnnxTensor } from '../../proto.ts';
import { dataTypes } from '../../proto.ts';
import { product } from '../lengths.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { lengthsOf, type Numbers, numbers } from '../values.ts';

const integerTypes: readonly number[] = [
  dataTypes.uint8,
  dataTypes.int8,
  dataTypes.uint16,
  dataTypes.int16,
  dataTypes.int32,
  dataTypes.int64,
  dataTypes.bool,
  dataTypes.uint32,
  dataTypes.uint64,
];

/** The numbers of a small tensor of whole numbers or truth values; undefined of others. */
export function integersOf(tensor: OnnxTensor): Numbers | undefined {
  const { dataType, dims, small } = tensor;
  if (!small || !integerTypes.includes(dataType)) return undefined;
  return numbers(
    dims,
    small,
    true,
    small.map((_, index) => ({ holder: tensor, index })),
  );
}

/** Constant: of whole numbers, or numbers in attributes. Tensors of weights have been set before. */
export const constantRule: Rule = (lowering, node) => {
  const [name] = node.outputs;
  const tensor = node.attributes.get('value')?.tensor;
  if (tensor) {
    const { small, dims } = tensor;
    // A single number of floating-point type is no weight.
    const known = integersOf(tensor) ?? (small && numbers(dims, small, false));
    if (!known) throw refused(node, { code: 'reasonAttribute', args: { name: 'value' } });
    lowering.set(name, known);
    return;
  }
  const [attribute] = node.attributes.values();
  const list = attribute?.ints ?? attribute?.floats;
  const single = attribute?.int ?? attribute?.float;
  const values = list ?? (single === undefined ? undefined : [single]);
  if (!values) throw refused(node, { code: 'reasonAttribute', args: { name: attribute?.name ?? 'value' } });
  const integer = attribute.ints !== undefined || attribute.int !== undefined;
  const sources = values.map((_, index) => ({ holder: attribute, index }));
  lowering.set(name, numbers(list ? [values.length] : [], values, integer, integer ? sources : undefined));
};

/** ConstantOfShape: 0, or one value, everywhere. */
export const constantOfShapeRule: Rule = async (lowering, node) => {
  const shape = (await lowering.numbers(node, 0)) ?? numbers([0], [], true);
  const tensor = node.attributes.get('value')?.tensor;
  const value = tensor ? tensor.small?.[0] : 0;
  if (value === undefined) throw refused(node, { code: 'reasonAttribute', args: { name: 'value' } });
  const integer = tensor !== undefined && integerTypes.includes(tensor.dataType);
  const lengths = shape.values;
  const size = product(lengths);
  if (integer && typeof size === 'number' && size <= 4096) {
    const known = lengths.filter((length) => typeof length === 'number');
    lowering.set(
      node.outputs[0],
      numbers(
        known,
        Array.from({ length: size }, () => value),
        true,
      ),
    );
  } else lowering.set(node.outputs[0], { kind: 'uniform', shape: lengths, value });
};

/** Shape, from `start` to `end`. */
export const shapeRule: Rule = (lowering, node) => {
  const lengths = lengthsOf(lowering.needed(node, 0));
  const end = node.attributes.get('end')?.int ?? lengths.length;
  const taken = lengths.slice(intOf(node, 'start', 0), end);
  lowering.set(node.outputs[0], numbers([taken.length], taken, true));
};

export const sizeRule: Rule = (lowering, node) => {
  lowering.set(node.outputs[0], numbers([], [product(lengthsOf(lowering.needed(node, 0)))], true));
};

/** Range, of numbers that are known, or from 0 to a length that is free. */
export const rangeRule: Rule = async (lowering, node) => {
  const [free] = (await lowering.numbers(node, 1))?.values ?? [];
  if (free !== undefined && typeof free !== 'number') {
    const [first, by] = [await lowering.single(node, 0), await lowering.single(node, 2)];
    if (first.value !== 0 || by.value !== 1)
      throw refused(node, { code: 'reasonInputComputed', args: { input: 1 } });
    lowering.set(node.outputs[0], { kind: 'counting', shape: [free], axis: 0, by: 1 });
    return;
  }
  const [start, limit, step] = [
    await lowering.single(node, 0),
    await lowering.single(node, 1),
    await lowering.single(node, 2),
  ];
  const count = Math.max(0, Math.ceil((limit.value - start.value) / step.value));
  if (!(count <= 1 << 16)) throw refused(node, { code: 'reasonInputComputed', args: { input: 1 } });
  const values = Array.from({ length: count }, (_, i) => start.value + i * step.value);
  lowering.set(node.outputs[0], numbers([count], values, start.integer && step.integer));
};
