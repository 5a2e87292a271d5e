import { textOf } from '../../attributes.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Flow, flowOf, lengthsOf, notional, type Value, type WeightValue } from '../values.ts';
import { product } from './linear.ts';

/** Einsum: of two values that are multiplied as matrices and added up along one axis, such as shares of attention with the steps. */
export const einsumRule: Rule = async (lowering, node) => {
  const given = [lowering.needed(node, 0), node.inputs.length === 2 ? lowering.needed(node, 1) : undefined];
  const equation = textOf(node, 'equation', '').replaceAll(' ', '');
  const [, ...named] = /^([a-z]+),([a-z]+)->([a-z]+)$/i.exec(equation) ?? [];
  const operands = given.flatMap((value, i) =>
    isMatrices(value) ? [{ value, letters: [...(named[i] ?? '')] }] : [],
  );
  const [a, b] = operands[0]?.value.kind === 'flow' ? operands : operands.toReversed();
  const out = [...(named[2] ?? '')];
  const isNamed = ({ value, letters }: typeof a) =>
    new Set(letters).size === letters.length && letters.length === lengthsOf(value).length;
  if (!a || !b || !isNamed(a) || !isNamed(b))
    throw refused(node, { code: 'reasonAttribute', args: { name: 'equation' } });
  const both = a.letters.filter((letter) => b.letters.includes(letter));
  const shared = out.filter((letter) => both.includes(letter));
  const added = both.filter((letter) => !out.includes(letter));
  const [rows, columns] = [a, b].map(({ letters }) => letters.filter((letter) => !both.includes(letter)));
  const isProduct = added.length === 1 && columns.length <= 1 && (rows.length <= 1 || shared.length === 0);
  if (!isProduct || [...rows, ...columns].some((letter) => !out.includes(letter)))
    throw refused(node, { code: 'reasonAttribute', args: { name: 'equation' } });
  const left = [...shared, ...(rows.length === 0 ? [''] : rows)];
  const right = columns.length === 0 ? [''] : columns;
  const made = await product(
    lowering,
    turned(a.value, a.letters, [...left, ...added]),
    turned(b.value, b.letters, [...shared, ...added, ...right]),
    node,
  );
  lowering.set(node.outputs[0], turned(made as Flow, [...left, ...right], out));
};

function isMatrices(value: Value | undefined): value is Flow | WeightValue {
  return value?.kind === 'flow' || value?.kind === 'weight';
}

/** Named axes in another order; one without a name has a length of 1, and goes where it is not asked for. */
function turned<One extends Flow | WeightValue>(
  value: One,
  letters: readonly string[],
  order: readonly string[],
): One {
  const places = order.map((letter) => letters.indexOf(letter));
  if (value.kind === 'flow')
    return flowOf(
      value.values,
      places.map((place) => value.axes[place] ?? notional),
    ) as One;
  const [shape, strides] = [
    places.map((place) => value.shape[place] ?? 1),
    places.map((place) => value.strides[place] ?? 0),
  ];
  return { ...value, shape, strides };
}
