import { formatChange, formatMeasure, type Measure } from '../extension/protocol/measures.ts';
import type { Drawing } from './context.ts';
import { element } from './dom.ts';

/** Measures as cards: what, its value before and after, and how it changed. */
export function cards(measures: readonly Measure[], drawing: Drawing): HTMLElement {
  return element('dl', { class: 'cards' }, ...measures.map((measure) => card(measure, drawing)));
}

function card(measure: Measure, { say, numbers }: Drawing): HTMLElement {
  const { label, args, before, pruned, after, unit } = measure;
  const text = (value: number) => formatMeasure(value, unit, numbers);
  const values = element('dd', { class: 'values' });
  if (before !== undefined) values.append(element('span', { class: 'was' }, `${text(before)} → `));
  if (pruned !== undefined) values.append(element('span', { class: 'was' }, `${text(pruned)} → `));
  values.append(element('span', { class: 'now' }, after === undefined ? say('notMeasured') : text(after)));
  const change = formatChange(measure, numbers, say);
  return element(
    'div',
    { class: 'card' },
    element('dt', {}, say(label, args)),
    values,
    change === '' ? undefined : element('dd', { class: 'change' }, change),
  );
}
