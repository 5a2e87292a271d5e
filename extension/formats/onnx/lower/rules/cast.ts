import { intOf } from '../../attributes.ts';
import { dataTypes } from '../../proto.ts';
import type { Rule } from '../rule.ts';
import { type Numbers, numbers } from '../values.ts';
import { truthOf } from './truth.ts';

/** Between kinds of numbers: whole numbers lose their fractions, and what is not 0 is true. */
export const castRule: Rule = (lowering, node) => {
  const value = lowering.needed(node, 0);
  const to = intOf(node, 'to', 1);
  if (value.kind === 'flow' && to === dataTypes.bool) {
    lowering.set(node.outputs[0], truthOf(lowering, value, node));
    return;
  }
  const integer = ![1, 10, 11, 16].includes(to);
  if (value.kind !== 'numbers' || value.integer === integer) {
    lowering.set(node.outputs[0], value);
    return;
  }
  const whole = (x: Numbers['values'][number]) => (typeof x === 'number' && integer ? Math.trunc(x) : x);
  lowering.set(node.outputs[0], numbers(value.shape, value.values.map(whole), integer));
};
