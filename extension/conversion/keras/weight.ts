import { type Parameter, readMasked } from '../../model/parameter.ts';
import type { KerasWeight } from './description.ts';

/** A parameter that Keras keeps as it lies. */
export function weight(name: string, parameter: Parameter): KerasWeight {
  return {
    name,
    shape: parameter.shape,
    trainable: isTrainable(parameter),
    values: () => readMasked(parameter),
  };
}

/** Whether training may change what a parameter becomes: integers may be trained once they are floats. */
export function isTrainable({ trainable, quantization }: Parameter): boolean {
  return trainable || quantization !== undefined;
}
