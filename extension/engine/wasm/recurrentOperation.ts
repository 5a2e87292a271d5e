import * as tf from '@tensorflow/tfjs-core';
import { backendName, newTensor, type Output, sharedBackend, tensorOf } from './backend.ts';
import { backwardPass, inputGradient } from './recurrentBackwardPass.ts';
import { forwardPass, readFinal, readFinalCell, readLast, readSequence } from './recurrentForwardPass.ts';
import { Temporary } from './recurrentMatrix.ts';
import type { RecurrentWeights } from './recurrentParts.ts';
import { type RecurrentShape, type Workspace, workspaceAt, workspaceBytes } from './recurrentWorkspace.ts';
import { runtime } from './runtime.ts';

export type OutputName = 'sequence' | 'last' | 'final' | 'finalCell';
export type Outputs = Partial<Record<OutputName, tf.Tensor>>;

/** What gradients can be taken to. */
interface TapeInputs {
  /** [B,T,I] */
  readonly x: tf.Tensor;
  /** [B,H] */
  readonly h?: tf.Tensor;
  readonly c?: tf.Tensor;
  /** [G·H, I] and [G·H, H], or the kept values of them. */
  readonly kernel: tf.Tensor;
  readonly recurrent: tf.Tensor;
  /** [G·H] */
  readonly inputBias: tf.Tensor;
  readonly recurrentBias: tf.Tensor;
}

/** One application of a layer. */
export interface RecurrentCall {
  readonly shape: RecurrentShape;
  readonly tensors: TapeInputs;
  readonly weights: RecurrentWeights;
  /** [B,T] */
  readonly mask: tf.Tensor | undefined;
  /** Factors [B,I] and [B,H]. */
  readonly dropout: Float32Array | undefined;
  readonly recurrentDropout: Float32Array | undefined;
  readonly wanted: readonly OutputName[];
}

const kernelName = 'LstmPrunerRecurrent';

/** Computes the wanted outputs, and nothing for a gradient. */
export function recurrentForward(call: RecurrentCall): Outputs {
  const temporary = new Temporary();
  try {
    const workspace = workspaceAt(call.shape, temporary.allocate(workspaceBytes(call.shape)));
    return named(
      call,
      sharedBackend().runKernel(() => compute(call, workspace).map(tensorOf)),
    );
  } finally {
    temporary.free();
  }
}

/** The same as one operation on TensorFlow.js' tape. */
export function recurrentOnTape(call: RecurrentCall): Outputs {
  const attributes: TapeAttributes = { call, workspace: undefined };
  const [, ...outputs] = tf
    .engine()
    .runKernel(
      kernelName,
      call.tensors as unknown as tf.NamedTensorMap,
      attributes as unknown as tf.NamedAttrMap,
    ) as tf.Tensor[];
  return named(call, outputs);
}

function named({ wanted }: RecurrentCall, tensors: readonly tf.Tensor[]): Outputs {
  return Object.fromEntries(wanted.map((name, i) => [name, tensors[i]]));
}

function compute(call: RecurrentCall, workspace: Workspace): Output[] {
  const { shape, tensors, mask, wanted } = call;
  const backend = sharedBackend();
  const { memory } = runtime();
  const temporary = new Temporary();
  const place = (tensor: tf.Tensor | undefined) => (tensor ? backend.place(tensor) : 0);
  const factors = (values: Float32Array | undefined) => {
    if (!values) return 0;
    const pointer = temporary.allocate(values.byteLength);
    memory.floats(pointer, values.length).set(values);
    return pointer;
  };
  try {
    forwardPass(workspace, call.weights, {
      x: place(tensors.x),
      h: place(tensors.h),
      c: place(tensors.c),
      mask: place(mask),
      dropout: factors(call.dropout),
      recurrentDropout: factors(call.recurrentDropout),
    });
  } finally {
    temporary.free();
  }
  const { batch, steps, units } = shape;
  return wanted.map((name) => {
    const output = backend.output(name === 'sequence' ? [batch, steps, units] : [batch, units]);
    read[name](workspace, output.pointer);
    return output;
  });
}

const read: Record<OutputName, (workspace: Workspace, to: number) => void> = {
  sequence: readSequence,
  last: readLast,
  final: readFinal,
  finalCell: readFinalCell,
};

interface TapeAttributes {
  readonly call: RecurrentCall;
  /** Set by the forward pass, for the backward pass. */
  workspace: Workspace | undefined;
}

/** Makes the operation known to TensorFlow.js. */
export function registerRecurrent(): void {
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ attrs }) =>
      sharedBackend().runKernel(() => {
        const attributes = attrs as unknown as TapeAttributes;
        const { shape } = attributes.call;
        const { info, pointer } = sharedBackend().output([workspaceBytes(shape) / 4]);
        attributes.workspace = workspaceAt(shape, pointer);
        const outputs = compute(attributes.call, attributes.workspace);
        // The workspace lives as long as the tape. Its gradient nobody gives, so TensorFlow.js makes zeros: as few as can be.
        return [{ ...info, shape: [1] }, ...outputs.map((output) => output.info)];
      }),
  });
  tf.registerGradient({
    kernelName,
    inputsToSave: [],
    outputsToSave: [true],
    gradFunc: (dys, _, attrs) => gradients(dys as tf.Tensor[], attrs as unknown as TapeAttributes),
  });
}

/**
 * Takes the gradients back at once; what is made here lives until all gradients are taken, so that each input's is a
 * clone. Those of x, which costs most, when they are asked for.
 */
function gradients(
  [, ...dys]: readonly tf.Tensor[],
  { call, workspace }: TapeAttributes,
): Record<string, () => tf.Tensor> {
  if (!workspace) throw new Error('a gradient without its forward pass');
  const { tensors, weights, wanted } = call;
  const backend = sharedBackend();
  const upstream = (name: OutputName) => {
    const i = wanted.indexOf(name);
    return i < 0 ? 0 : backend.place(dys[i]);
  };
  const made = new Map<string, { readonly tensor: tf.Tensor; readonly pointer: number }>();
  for (const [name, { shape }] of Object.entries(tensors) as [string, tf.Tensor][]) {
    if (name === 'x') continue;
    const output = backend.output(shape);
    made.set(name, { tensor: tensorOf(output), pointer: output.pointer });
  }
  const to = (name: string) => made.get(name)?.pointer ?? 0;
  backwardPass(
    workspace,
    weights,
    {
      sequence: upstream('sequence'),
      last: upstream('last'),
      final: upstream('final'),
      finalCell: upstream('finalCell'),
    },
    {
      kernel: to('kernel'),
      recurrent: to('recurrent'),
      inputBias: to('inputBias'),
      recurrentBias: to('recurrentBias'),
      h: to('h'),
      c: to('c'),
    },
  );
  const result: Record<string, () => tf.Tensor> = {
    x: () => newTensor(tensors.x.shape, (dx) => inputGradient(workspace, weights, dx)),
  };
  for (const [name, { tensor }] of made) result[name] = () => tf.clone(tensor);
  return result;
}
