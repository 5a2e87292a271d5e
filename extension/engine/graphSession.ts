import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import type { Graph, ValueName } from '../model/graph.ts';
import type { Tensor } from '../model/tensor.ts';
import { inferShapes } from '../ops/infer.ts';
import type { Message } from '../protocol/messages.ts';
import type { Engine } from './engine.ts';
import { computeValues } from './forward.ts';
import { speedWithIntegers } from './integer/speed.ts';
import { weightPenalty } from './penalties.ts';
import { type PreparedGraph, prepare } from './prepare.ts';
import type { Session } from './session.ts';
import type { Slot } from './slot.ts';
import { slowLayers } from './slowLayers.ts';
import { useBackend } from './useBackend.ts';
import { gatherMask, parametersOf, readWeight } from './weight.ts';

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

/** Makes the variable of a slot anew, by values with masks applied. */
type Refill = (slot: Slot, values: Float32Array, mask: Uint8Array | undefined) => void;

/** The session over a graph that is in an engine. It owns both from here on. */
export function sessionOf(
  graph: Graph,
  engine: Engine,
  { nodes, slots }: PreparedGraph,
  notes: readonly Message[],
  refill: Refill = (slot, values, mask) => slot.fill(values, mask),
): Session {
  const observe = async (inputs: readonly Tensor[], values: readonly ValueName[]) => {
    useBackend(engine);
    const results: Tensor[] = [];
    // Nothing is returned: tidy would look for tensors in it, one value after the other.
    tf.tidy(() => {
      const pass = { training: false, dropoutSeed: undefined };
      const value = computeValues(graph, nodes, inputs, values, pass);
      for (const name of values) results.push(valuesOf(value(name)));
    });
    return results;
  };
  return {
    engine: engine.name,
    notes,
    speed: speedWithIntegers(graph, engine.speed),
    observe,
    forward: (inputs) =>
      observe(
        inputs,
        graph.outputs.map(({ name }) => name),
      ),
    penalty: async () => {
      useBackend(engine);
      return weightPenalty(slots);
    },
    refresh: async (parameters) => {
      const changed = new Set(parameters);
      for (const slot of slots) {
        const { weight } = slot;
        if (!parametersOf(weight).some((parameter) => changed.has(parameter))) continue;
        // Large weights take a while to lay out; others may be answered in between.
        await setImmediate();
        refill(slot, await readWeight(weight), gatherMask(weight));
      }
    },
    dispose: async () => {
      for (const slot of slots) slot.dispose();
      await engine.dispose();
    },
  };
}

/** What a tensor holds. Every backend of ours gives values that stay when the tensor is gone. */
function valuesOf(tensor: tf.Tensor): Tensor {
  return { shape: tensor.shape, data: tensor.dataSync() as Float32Array | Int32Array };
}
