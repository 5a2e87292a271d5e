import type { ValueName } from '../model/graph.ts';
import type { OptimizerSettings } from '../model/optimizer.ts';
import type { Parameter } from '../model/parameter.ts';
import type { Tensor } from '../model/tensor.ts';
import type { Message } from '../protocol/messages.ts';

/** A graph with its weights, ready to compute. Nothing outside engine/ knows what computes it. */
export interface Session {
  /** The engine's name for reports. */
  readonly engine: string;
  /** What is to be said about the engine that was chosen. */
  readonly notes: readonly Message[];
  /** Floating-point operations in a second, roughly; batches are cut by it, so it does not depend on a clock. */
  readonly speed: number;
  /**
   * Computes any values of the graph from its inputs: one tensor for each graph input, in order, all with the same
   * batch size. Nothing is dropped. What is given back may be an input's own array, so nobody writes into it. Throws `UserError`
   * engineMemory where a batch is too large.
   */
  observe(inputs: readonly Tensor[], values: readonly ValueName[]): Promise<Tensor[]>;
  /** Computes the graph's outputs. */
  forward(inputs: readonly Tensor[]): Promise<Tensor[]>;
  /** What regularizers of the file add to the loss for the present weights; see `Parameter.penalty`. */
  penalty(): Promise<number>;
  /**
   * Reads these parameters anew, values and masks, as a session that is made now would (`readMasked`), and with them every weight that has
   * a part in one. Where the session trains, moments stay, but for those of what is masked now. Throws `UserError` engineMemory where more
   * is kept than fits into memory; the session can then only be disposed of.
   */
  refresh(parameters: Iterable<Parameter>): Promise<void>;
  /** Frees the weights, and with the last session the engine's threads and memory. */
  dispose(): Promise<void>;
}

/** One minibatch: as many samples in every tensor; one tensor for each graph input, the targets among them. */
export interface Batch {
  readonly inputs: readonly Tensor[];
  /** Decides what dropout drops; absent: nothing is dropped. */
  readonly dropoutSeed?: number;
}

export interface StepSettings {
  readonly learningRate: number;
  /** Gradients are scaled down together where their global norm, penalties included, is larger. */
  readonly clipNorm?: number;
  /** Factor of Σ|w| over the kernels, not the biases. */
  readonly l1?: number;
  /** Factor of Σw². */
  readonly l2?: number;
  /** What regularizers of the file add counts, too: it is part of the loss, and of its gradient. */
  readonly regularized?: boolean;
}

export interface StepResult {
  /**
   * Of all `Loss` nodes of the graph, factor times the mean over the rows that count, added up; before the update, without L1
   * and L2. What has no such row adds nothing.
   */
  readonly loss: number;
  /** Rows that count in the first of them. */
  readonly rows: number;
}

export interface GradientResult extends StepResult {
  /** Of the loss, in the parameter's own layout; 0 where its mask is 0. One for each trainable parameter. */
  readonly gradients: ReadonlyMap<Parameter, Float32Array>;
}

/** Sees what a step is made of; both in the parameters' own layout. */
export type StepWatch = (
  gradients: ReadonlyMap<Parameter, Float32Array>,
  weights: ReadonlyMap<Parameter, Float32Array>,
) => void;

/**
 * All that a training depends on: weights and moments, in an order of the session's own. Its layout is that of the masks that the session
 * had: an engine may hold no moments of what is masked.
 */
export interface TrainingState {
  readonly iterations: number;
  readonly tensors: readonly Float32Array[];
}

/** A session whose graph has at least one `Loss` node; its trainable parameters change by steps, their masks held. */
export interface TrainingSession extends Session {
  /** @param of `all`: of frozen parameters too, which a step leaves as they are; statistics are none */
  gradients(batch: Batch, of?: 'all'): Promise<GradientResult>;
  /**
   * The same of every weight of the trainable parameters, masked ones too, which are 0: what the loss would change by if they were not
   * held. It takes room for all of them, masked or not, and throws `UserError` engineMemory where there is none; nothing changes by that.
   */
  denseGradients(batch: Batch): Promise<GradientResult>;
  /**
   * Forward, loss, backward and one update of every trainable weight. Masked weights and their moments stay exactly 0.
   * @param watch called before the update, with the gradients as of `gradients` and the weights that they are taken at
   */
  step(batch: Batch, settings: StepSettings, watch?: StepWatch): Promise<StepResult>;
  /** Present values of the trainable parameters, in their own layout. */
  weights(): Promise<Map<Parameter, Float32Array>>;
  /** Replaces present values of some trainable parameters, in their own layout; masked ones become 0. Moments stay. */
  assign(values: ReadonlyMap<Parameter, Float32Array>): Promise<void>;
  /** Moments become 0 and steps are counted anew, as before the first one. Values stay. */
  restart(): Promise<void>;
  /**
   * Takes up the masks that the graph's parameters have now. Values and moments of what stays kept are what they were; those of what is
   * masked are exactly 0, and what is kept again begins at 0 with moments of 0. Weights that are not trained are read anew. Throws
   * `UserError` engineMemory as `refresh`.
   */
  remask(): Promise<void>;
  state(): Promise<TrainingState>;
  /**
   * Takes up a state that `state` of a session over the same graph gave. The session must have the masks that the other had then: whoever
   * restores a state sets them on the parameters first, and calls `remask` where the session was made before that.
   */
  restore(state: TrainingState): Promise<void>;
}

/** Which engine computes, and with what. */
export interface EngineOptions {
  readonly engine?: 'auto' | 'wasm' | 'tensorflow';
  /** Threads of the WebAssembly engine, and the most that TensorFlow may use; absent: one a core. */
  readonly threads?: number;
  /** Folder of the package @tensorflow/tfjs-node where there is one that may be loaded. */
  readonly tensorflow?: string;
}

/** The batches that a training will take, tried once, so that want of memory shows before anything was done. */
export interface Rehearsal {
  readonly samples: number;
  /** A batch of so many samples, at most `samples`. */
  batch(samples: number): Batch;
}

export interface TrainingOptions extends EngineOptions {
  readonly optimizer: OptimizerSettings;
  readonly rehearsal?: Rehearsal;
}
