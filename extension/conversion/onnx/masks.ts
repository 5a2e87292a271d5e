import type { OnnxBuilder } from './builder.ts';
import type { NodeOf } from './nodes.ts';
import type { Values } from './values.ts';

/** Masks as truth values [B,T]. */
export function masks(
  b: OnnxBuilder,
  node: NodeOf<'NotEqualMask'> | NodeOf<'LengthMask'> | NodeOf<'And' | 'Or'>,
  values: Values,
): string {
  switch (node.op) {
    case 'NotEqualMask': {
      // Token ids are compared as numbers, too.
      const x = b.add('Cast', [values.of(node.inputs[0])], { to: { int: 1 } });
      const differs = b.add('Not', [b.add('Equal', [x, b.floats(node.value)])]);
      if (!node.overFeatures) return differs;
      const any = b.add('ReduceMax', [b.add('Cast', [differs], { to: { int: 1 } })], {
        axes: { ints: [-1] },
        keepdims: { int: 0 },
      });
      return b.add('Cast', [any], { to: { int: 9 } });
    }
    case 'LengthMask': {
      const [lengths, x] = node.inputs.map((name) => values.of(name));
      const count = b.add('Squeeze', [b.add('Shape', [x], { start: { int: 1 }, end: { int: 2 } })]);
      const numbers = b.add('Range', [b.ints(0), count, b.ints(1)]);
      const ends = b.add('Unsqueeze', [b.add('Cast', [lengths], { to: { int: 7 } }), b.ints([1])]);
      return b.add('Less', [b.add('Unsqueeze', [numbers, b.ints([0])]), ends]);
    }
    case 'And':
    case 'Or':
      return node.inputs
        .map((name) => values.mask(name))
        .reduce((one, other) => b.add(node.op, [one, other]));
  }
}
