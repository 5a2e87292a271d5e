import { setImmediate } from 'node:timers/promises';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Graph } from '../model/graph.ts';
import type { OptimizerSettings } from '../model/optimizer.ts';
import { applyMask } from '../model/parameter.ts';
import { inferShapes } from '../ops/infer.ts';
import type { Message } from '../protocol/messages.ts';
import { differentiate } from './differentiate.ts';
import type { Engine } from './engine.ts';
import { sessionOf } from './graphSession.ts';
import { withWeightPenalty } from './penalties.ts';
import { prepare } from './prepare.ts';
import type { Batch, GradientResult, StepResult, TrainingSession } from './session.ts';
import type { Slot } from './slot.ts';
import { slowLayers } from './slowLayers.ts';
import { into, isLearned, TrainedWeights, type Values } from './trainedWeights.ts';
import { useBackend } from './useBackend.ts';
import { gatherMask, readWeight, scatterWeight } from './weight.ts';

/**
 * Reads a graph with at least one `Loss` node into an engine to train it. Throws `UserError` where the graph's shapes do not fit
 * together.
 */
export async function trainingSession(
  graph: Graph,
  engine: Engine,
  settings: OptimizerSettings,
  notes: readonly Message[],
): Promise<TrainingSession> {
  inferShapes(graph);
  const { nodes, slots } = await prepare(graph, engine, 'training');
  const trained = withRoom(slots, () => new TrainedWeights(engine, settings, slots));
  const refill = (slot: Slot, values: Float32Array, mask: Uint8Array | undefined) => {
    if (trained.has(slot)) trained.refill(slot, values, mask);
    else slot.fill(values, mask);
  };
  const allNotes = [...notes, ...slowLayers(graph, engine, 'training')];
  const session = sessionOf(graph, engine, { nodes, slots }, allNotes, refill);

  const run = (
    batch: Batch,
    of: readonly Slot[],
    take: (gradients: readonly Tensor[]) => void,
    regularized = false,
  ): StepResult => {
    useBackend(engine);
    const tensors = of.map(({ variable }) => variable.tensor);
    return differentiate(graph, nodes, batch, tensors, take, regularized);
  };
  /** @param expand a gradient with the shape of a slot's tensor as one with that of its weight */
  const gather = (
    of: readonly Slot[],
    tensors: readonly Tensor[],
    expand: (slot: Slot, gradient: Tensor) => Float32Array,
  ): Values => {
    const gradients: Values = new Map();
    for (const [i, slot] of of.entries())
      scatterWeight(slot.weight, expand(slot, tensors[i]), into(gradients));
    return gradients;
  };
  const held = ({ variable }: Slot, gradient: Tensor) => variable.expand(gradient);
  const collect = (batch: Batch, of: readonly Slot[], expand = held): GradientResult => {
    let gradients: Values = new Map();
    const result = run(batch, of, (tensors) => {
      gradients = gather(of, tensors, expand);
    });
    return { ...result, gradients };
  };

  return {
    ...session,
    step: async (batch, step, watch) => {
      let added = 0;
      const take = (gradients: readonly Tensor[]) => {
        watch?.(gather(trained.slots, gradients, held), trained.values());
        if (!step.regularized) return trained.update(gradients, step);
        const { penalty, gradients: all } = withWeightPenalty(trained.slots, gradients);
        added = penalty;
        trained.update(all, step);
      };
      const { loss, rows } = run(batch, trained.slots, take, step.regularized);
      return { loss: loss + added, rows };
    },
    gradients: async (batch, of) => {
      const taken = of === 'all' ? slots.filter(({ weight }) => isLearned(weight)) : trained.slots;
      return collect(batch, taken);
    },
    denseGradients: async (batch) => {
      try {
        for (const slot of trained.slots) slot.beginWhole();
        // Masks are left out: what a whole variable's mask holds at 0 has its gradient in the tensor.
        return collect(batch, trained.slots, (_, gradient) => gradient.dataSync<'float32'>());
      } finally {
        for (const slot of trained.slots) slot.endWhole();
      }
    },
    weights: async () => trained.values(),
    assign: async (values) => {
      useBackend(engine);
      trained.assign(values);
    },
    restart: async () => trained.restart(),
    remask: async () => {
      for (const slot of slots) {
        const mask = gatherMask(slot.weight);
        if (!mask && !slot.masked) continue;
        // Large weights take a while to lay out; others may be answered in between.
        await setImmediate();
        const present = trained.has(slot) ? slot.variable.read() : await readWeight(slot.weight);
        refill(slot, applyMask(present, mask), mask);
      }
    },
    state: async () => trained.state(),
    restore: async (state) => trained.restore(state),
    dispose: async () => {
      trained.dispose();
      await session.dispose();
    },
  };
}

/** Where there is no room for something, none of the graph stays in the engine. */
function withRoom<T>(slots: readonly Slot[], make: () => T): T {
  try {
    return make();
  } catch (error) {
    for (const slot of slots) slot.dispose();
    throw error;
  }
}
