import { controlTable } from '../extension/protocol/controlTable.ts';
import { includedTable } from '../extension/protocol/includedTable.ts';
import { listOf } from '../extension/protocol/labels.ts';
import type { ResultContent } from '../extension/protocol/panel.ts';
import type { Drawing } from './context.ts';
import { element } from './dom.ts';
import { figureTable } from './figureTable.ts';

/** Which layers lost hidden units for good, or left, and which cannot. */
export function unitsSection({ report, frozenReasons = [] }: ResultContent, { say, numbers }: Drawing) {
  const { shrink, before, recipe } = report;
  if (!shrink || shrink.layers.length + shrink.frozen.length === 0) return undefined;
  const sizeOf = (name: string) => before.layers.find((layer) => layer.name === name)?.hiddenSize;
  const lost = shrink.layers.map((layer) => [
    layer.name,
    numbers.count(layer.before),
    numbers.count(layer.after),
    '',
  ]);
  const kept = shrink.frozen.map(({ layers }, at) => {
    const sizes = layers.map((name) => numbers.count(sizeOf(name) ?? 0));
    const size = listOf([...new Set(sizes)], say);
    const why = recipe.granularity === 'layer' ? 'layerKept' : 'unitsKept';
    return [listOf(layers, say), size, size, say(why, { reason: frozenReasons[at] ?? '' })];
  });
  const heads = (['layer', 'before', 'after', 'why'] as const).map((label) => say(label));
  const rows = [...lost, ...kept] as [string, ...string[]][];
  return section(say('unitsOfLayers'), figureTable('units', say('unitsOfLayers'), heads, rows));
}

/** The pruned model beside one of its size that was trained from scratch. */
export function controlSection({ report }: ResultContent, { say, numbers }: Drawing) {
  const table = controlTable(report, say, numbers);
  if (!table) return undefined;
  const title = say('controlTitle');
  const drawn = section(title, figureTable('control', title, table.head, table.rows));
  drawn.append(element('div', { class: 'meanings' }, element('p', {}, say('controlText'))));
  return drawn;
}

/** What else was pruned because the recipe includes it. */
export function includedSection({ report }: ResultContent, { say, numbers }: Drawing) {
  const table = includedTable(report, say, numbers);
  const title = say('includedWeights');
  return table && section(title, figureTable('included', title, table.head, table.rows));
}

function section(title: string, table: HTMLElement): HTMLElement {
  return element('section', { class: 'weights', 'aria-label': title }, element('h2', {}, title), table);
}
