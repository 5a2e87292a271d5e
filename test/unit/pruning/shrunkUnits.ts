import { readMasked } from '../../../extension/model/parameter.ts';
import { candidateGate } from '../../../extension/model/recurrentLayer.ts';
import { type Solvable, solveShrinking } from '../../../extension/pruning/units/shrink.ts';
import type { MemoryLayer, MemoryParameter } from '../../support/memoryModel.ts';
import { UnitGraph } from '../../support/unitGraph.ts';

/** New sizes of the layers that shrink. */
export async function sizes(model: Solvable): Promise<Record<string, number>> {
  const { shrinking } = await solveShrinking(model, readMasked);
  return Object.fromEntries((shrinking?.layers ?? []).map(({ name, after }) => [name, after]));
}

/** What stays of a parameter; undefined where it stays whole. */
export async function kept(model: Solvable, parameter: MemoryParameter) {
  const { shrinking } = await solveShrinking(model, readMasked);
  return shrinking?.parameters.get(parameter.name);
}

/** Nothing reads these rows of a matrix [rows, columns] any more. */
export function unread({ values, shape: [, columns] }: MemoryParameter, ...rows: number[]): void {
  for (const row of rows) values.fill(0, row * columns, (row + 1) * columns);
}

/** Nothing goes into the candidates of these units. */
export function silent(
  { cell, gates, kernel, recurrent, bias, hiddenSize }: MemoryLayer,
  ...units: number[]
): void {
  const width = gates.length * hiddenSize;
  const g = gates.findIndex(({ name }) => name === candidateGate[cell]);
  for (const parameter of [kernel, recurrent, ...(bias ? [bias] : [])])
    for (const i of parameter.values.keys())
      if (units.some((unit) => i % width === g * hiddenSize + unit)) parameter.values[i] = 0;
}

/** LSTM a over 3 inputs, LSTM b, and a dense layer. */
export function stack() {
  const graph = new UnitGraph();
  const a = graph.recurrent('a', [3, 4], ['x']);
  const b = graph.recurrent('b', [4, 5], ['a']);
  const d = graph.dense('d', [5, 2], 'b/last');
  return { graph, a, b, d, model: graph.model('d') };
}
