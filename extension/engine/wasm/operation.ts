import * as tf from '@tensorflow/tfjs-core';
import { backendName, type Output, type SharedBackend } from './backend.ts';

/** An operation of ours on TensorFlow.js' tape. Name, inputs and attributes are its own; absent inputs are left out. */
export interface Operation<Inputs extends string, Attributes> {
  /** Unique among TensorFlow.js' kernels. */
  readonly name: string;
  /** Computes the outputs. For those that nothing uses TensorFlow.js makes zeros as gradients, so let there be few. */
  forward(inputs: Record<Inputs, tf.TensorInfo>, attributes: Attributes): Output[];
  /** Which inputs the gradient reads. */
  readonly saved: readonly Inputs[];
  /**
   * The gradient to each input, computed when it is asked for: only those are that lead to something trained.
   * @param dys one for each output
   * @param saved the inputs named above, in order
   */
  gradient(
    dys: readonly tf.Tensor[],
    saved: readonly tf.Tensor[],
    attributes: Attributes,
  ): Partial<Record<Inputs, () => tf.Tensor>>;
}

/** Registers an operation and returns the function that computes it. */
export function defineOperation<Inputs extends string, Attributes extends object>(
  operation: Operation<Inputs, Attributes>,
): (inputs: Partial<Record<Inputs, tf.Tensor>>, attributes: Attributes) => tf.Tensor[] {
  const { name } = operation;
  tf.registerKernel({
    kernelName: name,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) =>
      (backend as SharedBackend).runKernel(() =>
        operation
          .forward(inputs as Record<Inputs, tf.TensorInfo>, attrs as unknown as Attributes)
          .map(({ info }) => info),
      ),
  });
  tf.registerGradient({
    kernelName: name,
    inputsToSave: [...operation.saved],
    gradFunc: (dy, saved, attrs) => {
      const dys = Array.isArray(dy) ? dy : [dy];
      return operation.gradient(dys, saved, attrs as unknown as Attributes) as Record<
        string,
        () => tf.Tensor
      >;
    },
  });
  return (inputs, attributes) =>
    tf
      .engine()
      .runKernel(name, inputs as tf.NamedTensorMap, attributes as unknown as tf.NamedAttrMap) as tf.Tensor[];
}
