import type { DataId, Tensor, TensorInfo } from '@tensorflow/tfjs-core';

/** Attribute of a TensorFlow operation; `type` is one of the binding's TF_ATTR_ numbers. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** What an operation put out: a tensor in TensorFlow's own memory, by its number. */
export interface NativeTensor {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** What is used of tfjs-node's binding to the C API (tfjs_binding.ts there); TensorFlow's own numbers for types. */
export interface Binding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  createTensor(shape: number[], dtype: number, values: Float32Array | Int32Array | Uint8Array): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): NativeTensor[];
  getNumOfTensors(): number;
}

/**
 * What is used of tfjs-node's backend (nodejs_kernel_backend.ts there). The last three are private to it in TypeScript; `load`
 * checks that they are there.
 */
export interface NativeBackend {
  readonly binding: Binding;
  /** Numbers of tensors, written into TensorFlow's memory where they are not there yet. */
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  /** Takes over what an operation put out. */
  createOutputTensor(output: NativeTensor): Tensor;
  readonly tensorMap: { get(dataId: DataId): { id: number } };
}
