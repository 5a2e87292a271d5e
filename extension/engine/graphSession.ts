import * as tf from '@tensorflow/tfjs-core';
import type { Graph, ValueName } from '../model/graph.ts';
import type { Tensor } from '../model/tensor.ts';
import { inferShapes } from '../ops/infer.ts';
import type { Message } from '../protocol/messages.ts';
import type { Engine } from './engine.ts';
import { computeValues } from './forward.ts';
import { type PreparedGraph, prepare } from './prepare.ts';
import type { Session } from './session.ts';
import { slowLayers } from './slowLayers.ts';

/** Reads a graph into an engine to compute it. Throws `UserError` where the graph's shapes do not fit together. */
export async function graphSession(
  graph: Graph,
  engine: Engine,
  notes: readonly Message[],
): Promise<Session> {
  inferShapes(graph);
  const prepared = await prepare(graph, engine, 'forward');
  return sessionOf(graph, engine, prepared, [...notes, ...slowLayers(graph, engine, 'forward')]);
}

/** The session over a graph that is in an engine. It owns both from here on. */
export function sessionOf(
  graph: Graph,
  engine: Engine,
  prepared: PreparedGraph,
  notes: readonly Message[],
): Session {
  const observe = async (inputs: readonly Tensor[], values: readonly ValueName[]) => {
    useBackend(engine);
    const results: Tensor[] = [];
    // Nothing is returned: tidy would look for tensors in it, one value after the other.
    tf.tidy(() => {
      const pass = { training: false, dropoutSeed: undefined };
      const value = computeValues(graph, prepared.nodes, inputs, values, pass);
      for (const name of values) results.push(valuesOf(value(name)));
    });
    return results;
  };
  return {
    engine: engine.name,
    notes,
    speed: engine.speed,
    observe,
    forward: (inputs) =>
      observe(
        inputs,
        graph.outputs.map(({ name }) => name),
      ),
    dispose: async () => {
      for (const variable of prepared.variables) variable.dispose();
      await engine.dispose();
    },
  };
}

/** TensorFlow.js has one backend at a time for the whole process; between two awaits it stays. */
export function useBackend({ backend }: Engine): void {
  // All of our backends are ready at once, so there is nothing to wait for.
  if (tf.getBackend() !== backend) void tf.setBackend(backend);
}

/** What a tensor holds. Every backend of ours gives values that stay when the tensor is gone. */
function valuesOf(tensor: tf.Tensor): Tensor {
  return { shape: tensor.shape, data: tensor.dataSync() as Float32Array | Int32Array };
}
