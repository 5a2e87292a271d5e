/** A Keras model as what a file says of it, whatever the container. */
export interface KerasDescription {
  readonly inputs: readonly KerasTensor[];
  readonly layers: readonly KerasLayer[];
  readonly outputs: readonly KerasTensor[];
}

/** An output of a layer. */
export interface KerasTensor {
  readonly layer: string;
  readonly output: number;
  /** Batch first, null where free. */
  readonly shape: readonly (number | null)[];
  readonly dtype: 'float32' | 'int32';
}

export interface KerasLayer {
  readonly className: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** None of an InputLayer. */
  readonly inputs: readonly KerasTensor[];
  /** In the order in which Keras lists them. */
  readonly weights: readonly KerasWeight[];
  /** The weights are those of a cell below the layer. */
  readonly cell?: boolean;
  /** Its call says that no query sees what comes after it. */
  readonly causal?: boolean;
  /** Keras 3's operation of this name, which is no layer and takes its tensors one by one. */
  readonly operation?: KerasOperation;
  /** Of a layer made of layers: their weights by the names that it has for them. It takes its tensors one by one. */
  readonly parts?: Readonly<Record<string, readonly KerasWeight[]>>;
  /** Of a Bidirectional: both layers, with the weights; it has none of its own. */
  readonly directions?: readonly [KerasLayer, KerasLayer];
  /** Of a TimeDistributed: the layer that it applies to every step, with the weights; it has none of its own. */
  readonly inner?: KerasLayer;
}

/** What Keras 3 keeps of an operation beside its name and settings. */
export interface KerasOperation {
  /** Of Keras' own, where the class is. */
  readonly module: string;
  /** What stands behind its tensors in the call. */
  readonly constants?: readonly unknown[];
}

/** What a node says of its layer by itself. */
export interface BareLayer
  extends Pick<KerasLayer, 'className' | 'config' | 'weights' | 'causal' | 'operation'> {
  /** Steps of 0 that a layer of their own puts before and behind what it reads; of images rows first. */
  readonly padding?: Padding;
}

/** Before and behind along each axis that is padded. */
export type Padding = readonly (readonly [before: number, after: number])[];

export interface KerasWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly trainable: boolean;
  values(): Promise<Float32Array>;
}

/** What a container's reader knows: Keras 3, or TensorFlow.js 4 with its Keras of version 2. */
export type Dialect = 'keras' | 'tfjs';
