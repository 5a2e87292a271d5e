import { element } from './dom.ts';

/** Names with their values in lines; what has no value is left out. */
export function details(pairs: readonly (readonly [string, string | undefined])[]): HTMLElement {
  const entries = pairs.flatMap(([label, text]) =>
    text === undefined ? [] : [element('div', {}, element('dt', {}, label), element('dd', {}, text))],
  );
  return element('dl', { class: 'details' }, ...entries);
}
