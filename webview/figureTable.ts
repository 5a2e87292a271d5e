import { type Child, element } from './dom.ts';

/** A table of figures: what each row is about stands in its first cell. The caption is for those who do not see the heading. */
export function figureTable(
  name: string,
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly [head: string, ...cells: Child[]])[],
): HTMLElement {
  const columns = heads.map((head) => element('th', { scope: 'col' }, head));
  const lines = rows.map(([head, ...cells]) =>
    element('tr', {}, element('th', { scope: 'row' }, head), ...cells.map((cell) => element('td', {}, cell))),
  );
  return element(
    'table',
    { class: `figures ${name}` },
    element('caption', { class: 'unseen' }, caption),
    element('thead', {}, element('tr', {}, ...columns)),
    element('tbody', {}, ...lines),
  );
}
