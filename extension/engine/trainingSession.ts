import * as tf from '@tensorflow/tfjs-core';
import '#gradients';
import type { Graph, GraphNode } from '../model/graph.ts';
import type { OptimizerSettings } from '../model/optimizer.ts';
import { type Parameter, sizeOf } from '../model/parameter.ts';
import { inferShapes } from '../ops/infer.ts';
import type { Message } from '../protocol/messages.ts';
import type { Engine, Optimizer, Variable } from './engine.ts';
import { computeValues } from './forward.ts';
import { sessionOf, useBackend } from './graphSession.ts';
import { type PreparedGraph, prepare } from './prepare.ts';
import type { Batch, StepResult, TrainingSession } from './session.ts';
import { slowLayers } from './slowLayers.ts';
import { parametersOf, scatterWeight } from './weight.ts';

/**
 * Reads a graph with a `Loss` node into an engine to train it. Throws `UserError` where the graph's shapes do not fit
 * together.
 */
export async function trainingSession(
  graph: Graph,
  engine: Engine,
  settings: OptimizerSettings,
  notes: readonly Message[],
): Promise<TrainingSession> {
  inferShapes(graph);
  const loss = graph.nodes.find((node) => node.op === 'Loss') as GraphNode;
  const [meanLoss, rowCount] = loss.outputs;
  const prepared = await prepare(graph, engine, 'training');
  const trained = prepared.variables.filter(isTrainable);
  const optimizer = optimizerOf(engine, settings, prepared, trained);
  let iterations = 0;
  const allNotes = [...notes, ...slowLayers(graph, engine, 'training')];
  const session = sessionOf(graph, engine, prepared, allNotes);

  /** Computes a batch's loss and hands over the gradients, one for each trained variable, while they live. */
  const differentiate = (
    { inputs, dropoutSeed }: Batch,
    take: (gradients: readonly tf.Tensor[]) => void,
  ): StepResult => {
    useBackend(engine);
    const result = { loss: 0, rows: 0 };
    tf.tidy(() => {
      const forward = (): tf.Scalar => {
        const pass = { training: true, dropoutSeed };
        const value = computeValues(graph, prepared.nodes, inputs, [meanLoss, rowCount], pass);
        result.rows = value(rowCount).dataSync()[0];
        return value(meanLoss) as tf.Scalar;
      };
      const tensors = trained.map(({ tensor }) => tensor);
      const { value, grads } = gradientsOf(forward, tensors);
      result.loss = value.dataSync()[0];
      take(grads.map((gradient, i) => gradient ?? tf.zerosLike(tensors[i])));
    });
    return result;
  };

  return {
    ...session,
    step: async (batch, step) =>
      differentiate(batch, (gradients) => optimizer.apply(gradients, ++iterations, step)),
    gradients: async (batch) => {
      const gradients = new Map<Parameter, Float32Array>();
      const result = differentiate(batch, (tensors) => {
        for (const [i, { weight, expand }] of trained.entries()) {
          scatterWeight(weight, expand(tensors[i]), into(gradients));
        }
      });
      return { ...result, gradients };
    },
    weights: async () => {
      const weights = new Map<Parameter, Float32Array>();
      for (const { weight, read } of trained) scatterWeight(weight, read(), into(weights));
      return weights;
    },
    state: async () => ({
      iterations,
      tensors: [...trained.map(({ read }) => read()), ...optimizer.state()],
    }),
    restore: async (state) => {
      iterations = state.iterations;
      for (const [i, { write }] of trained.entries()) write(state.tensors[i]);
      optimizer.restore(state.tensors.slice(trained.length));
    },
    dispose: async () => {
      optimizer.dispose();
      await session.dispose();
    },
  };
}

/** TensorFlow.js' tape over `forward`, given back whole where something on it fails. */
function gradientsOf(forward: () => tf.Scalar, tensors: tf.Tensor[]) {
  const engine = tf.engine();
  try {
    // A weight that the loss does not depend on has no gradient, which is no mistake.
    return engine.gradients(forward, tensors, undefined, true);
  } catch (error) {
    // What was saved for the way back is kept beyond every tidy, and only that way frees it.
    for (const { saved } of engine.state.activeTape ?? []) tf.dispose(saved ?? []);
    engine.state.activeTape = [];
    throw error;
  }
}

/** Moments for the variables; where there is no room for them, none of the graph stays in the engine. */
function optimizerOf(
  engine: Engine,
  settings: OptimizerSettings,
  { variables }: PreparedGraph,
  trained: readonly Variable[],
): Optimizer {
  try {
    return engine.optimizer(settings, trained);
  } catch (error) {
    for (const variable of variables) variable.dispose();
    throw error;
  }
}

function isTrainable({ weight }: Variable): boolean {
  const parameters = parametersOf(weight);
  return (
    weight.role !== 'statistic' && parameters.length > 0 && parameters.every(({ trainable }) => trainable)
  );
}

/** The values of each parameter, made when they are first asked for. */
function into(values: Map<Parameter, Float32Array>): (parameter: Parameter) => Float32Array {
  return (parameter) => {
    const known = values.get(parameter) ?? new Float32Array(sizeOf(parameter.shape));
    values.set(parameter, known);
    return known;
  };
}
