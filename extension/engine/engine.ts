import type { Tensor } from '@tensorflow/tfjs-core';
import type { GraphNode, ValueName } from '../model/graph.ts';
import type { OptimizerSettings } from '../model/optimizer.ts';
import type { Message } from '../protocol/messages.ts';
import type { StepSettings } from './session.ts';
import type { Weight } from './weight.ts';

/** What a session needs of an engine: a TensorFlow.js backend, and what that computes in its own way. */
export interface Engine {
  /** For reports: with threads and versions. */
  readonly name: string;
  /** Name of the registered TensorFlow.js backend. */
  readonly backend: string;
  /** Floating-point operations in a second, roughly. */
  readonly speed: number;
  /** How this engine computes a node; undefined: with TensorFlow.js' operations (ops/). */
  operator(node: GraphNode): Operator | undefined;
  /**
   * Why it computes a layer step by step in TensorFlow.js' operations although others of its kind go faster; undefined: it
   * does not.
   */
  slowness?(node: GraphNode, purpose: WeightUse['purpose']): Message | undefined;
  /**
   * Puts a weight into the engine's memory.
   * @param values [weight.shape], masks applied; the variable's from here on
   * @param mask 1 = kept; undefined: nothing is masked. A training changes kept weights only
   */
  variable(weight: Weight, values: Float32Array, mask: Uint8Array | undefined, use: WeightUse): Variable;
  /** Moments and update rule of the variables that are trained. */
  optimizer(settings: OptimizerSettings, variables: readonly Variable[]): Optimizer;
  /** Called with the last session's end. */
  dispose(): Promise<void>;
}

/**
 * `forward`: the values never change, so that zeros need not be computed, masked or not. `training`: masked ones stay 0.
 * @see Operator.sparse
 */
export interface WeightUse {
  readonly purpose: 'forward' | 'training';
  /** The operator can take this weight sparse, with only its kept values in memory. */
  readonly sparse: boolean;
}

/** A weight in an engine's memory. */
export interface Variable {
  readonly weight: Weight;
  /** What operators take, and what gradients are with respect to: the whole weight, or its kept values [nonzero]. */
  readonly tensor: Tensor;
  /** Whether `tensor` has only the kept values. */
  readonly sparse: boolean;
  /** The whole weight; a copy. */
  read(): Float32Array;
  /** Takes new values of the whole weight; masked ones are ignored. */
  write(values: Float32Array): void;
  /** A gradient with the shape of `tensor`, as one with the weight's shape: 0 where masked. Nobody writes into it. */
  expand(gradient: Tensor): Float32Array;
  /** The reverse: a gradient with the weight's shape, as one with the shape of `tensor`. */
  contract(gradient: Float32Array): Tensor;
  dispose(): void;
}

/** Computes one node. */
export interface Operator {
  /** The node's weights, in the order in which `forward` gets them. */
  readonly weights: readonly Weight[];
  /** Which of them may come sparse. */
  readonly sparse?: readonly boolean[];
  /** The node's outputs that `run.wants`, by index; others may be undefined. */
  forward(
    value: (name: ValueName) => Tensor,
    variables: readonly Variable[],
    run: Run,
  ): (Tensor | undefined)[];
}

/** What one pass through the graph asks for. */
export interface Run {
  /** Gradients will be taken. */
  readonly training: boolean;
  /** Undefined: nothing is dropped. */
  readonly dropoutSeed: number | undefined;
  /** Whether anybody uses this value. */
  wants(name: ValueName): boolean;
}

export interface Optimizer {
  /** Updates every variable by its gradient; `iteration` counts from 1. */
  apply(gradients: readonly Tensor[], iteration: number, settings: StepSettings): void;
  /** Moments of all variables, copied out; the order is the optimizer's own. */
  state(): Float32Array[];
  restore(state: readonly Float32Array[]): void;
  /**
   * Gives up the moments of a variable that is about to go: each as whole as the weight, 0 where masked. Nothing but `replace` for
   * the same index, or `dispose`, may follow.
   */
  release(index: number): Float32Array[];
  /** Takes the variable that came in the place of a released one, and its moments [weight.shape]; masked ones are ignored. */
  replace(index: number, variable: Variable, moments: readonly Float32Array[]): void;
  dispose(): void;
}
