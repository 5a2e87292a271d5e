import type { GateView } from '../../model/gateView.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Prunable } from '../prunable.ts';
import type { UnitPlace, UnitSet } from '../units/unitSet.ts';
import { count, type Grouping, type GroupPart } from './granularity.ts';

/**
 * Whole hidden units: their rows in all gates, their biases, and every column that reads them, in the layer itself and in those after it
 * (Wen et al., "Learning Intrinsic Sparse Structures within LSTM", 2018). Weights of matrices count in the scores; biases and what
 * else scales or shifts a unit do not.
 * @param members the layers' matrices, by which evidence is found
 */
export function unitGroups(sets: readonly UnitSet[], members: readonly Prunable[]): Grouping {
  const parts: GroupPart[] = [];
  const units: NonNullable<Grouping['units']>[number][] = [];
  const families: number[] = [];
  const familyOf = new Map<string, number>();
  for (const { size, layers, places } of sets) {
    const first = families.length;
    // Units of one layer may lie in several sets; one of them all stays.
    const key = layers.map(({ name }) => name).join('\n');
    const family = familyOf.get(key) ?? familyOf.size;
    familyOf.set(key, family);
    for (let i = 0; i < size; i++) families.push(family);
    for (const place of places) parts.push(partOf(place, first, members));
    for (const layer of layers) units.push({ layer, first, indices: indicesIn(layer, places) });
  }
  return { count: families.length, parts, units, families: Uint32Array.from(families) };
}

function partOf({ view, axis, part }: UnitPlace, first: number, members: readonly Prunable[]): GroupPart {
  const byRow = axis === 'row';
  const groups = count(byRow ? view.rows : view.columns, first);
  // Only a whole row is read from all inputs of its matrix.
  const own = members.find((member) => isPartOf(view, member.view));
  const name = byRow ? own?.matrixName : undefined;
  return {
    view,
    ...(name !== undefined && { matrixName: name }),
    rows: byRow ? groups : new Uint32Array(view.rows),
    columns: byRow ? new Uint32Array(view.columns) : groups,
    scored: own !== undefined || (part === 'consumer' && !byRow),
  };
}

/** Whether a view begins within another, so that it shows rows or columns of it. */
function isPartOf({ parameter, offset }: GateView, whole: GateView): boolean {
  const { rows, rowStride, columns, columnStride } = whole;
  const from = offset - whole.offset;
  if (parameter !== whole.parameter || from < 0) return false;
  const rowsInside = rowStride < columnStride;
  const [outer, inner] = rowsInside ? [columnStride, rowStride] : [rowStride, columnStride];
  const [major, minor] = [Math.floor(from / outer), Math.floor((from % outer) / inner)];
  return rowsInside ? major < columns && minor < rows : major < rows && minor < columns;
}

/** Which of a layer's hidden units the units of a set are. */
function indicesIn({ gates, name }: RecurrentLayer, places: readonly UnitPlace[]): Uint32Array {
  for (const { kernel } of gates) {
    const place = places.find(
      ({ view, axis, part }) => part === 'own' && axis === 'row' && isPartOf(view, kernel),
    );
    if (!place) continue;
    const { view } = place;
    const first = (view.offset - kernel.offset) / kernel.rowStride;
    return count(view.rows, first, view.rowStride / kernel.rowStride);
  }
  throw new Error(`the units of ${name} own no rows`);
}
