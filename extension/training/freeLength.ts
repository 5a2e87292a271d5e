import type { BareSamples } from '../data/dataset.ts';
import { freeSteps } from '../engine/randomInputs.ts';
import type { Graph } from '../model/graph.ts';
import type { Message } from '../protocol/messages.ts';
import type { Recipe } from '../protocol/recipe.ts';

/** Steps of a sample where a model takes any number: as many as the longest of the data has, else what stands for them everywhere. */
export function freeLength(
  graph: Pick<Graph, 'inputs' | 'nodes'> | undefined,
  samples: Pick<BareSamples, 'inputs'> | undefined,
): number {
  const found = graph && samples ? freeAxes(graph).map(([i, axis]) => samples.inputs[i].shape[axis]) : [];
  return found.length > 0 ? Math.max(...found) : freeSteps(graph);
}

/** Says for how many steps multiply-adds were counted, where a budget of them left that open. */
export function lengthNotes(
  { maxMultiplyAdds }: Pick<Recipe, 'maxMultiplyAdds'>,
  graph: Pick<Graph, 'inputs'> | undefined,
  steps: number,
): Message[] {
  if (maxMultiplyAdds === undefined || !graph || freeAxes(graph).length === 0) return [];
  return [{ code: 'noteStepsCounted', args: { steps } }];
}

/** Each as the place of the input and the axis. */
function freeAxes({ inputs }: Pick<Graph, 'inputs'>): [number, number][] {
  return inputs.flatMap(({ shape }, i) =>
    shape.flatMap((n, axis): [number, number][] => (n === null && axis > 0 ? [[i, axis]] : [])),
  );
}
