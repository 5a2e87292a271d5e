import { element } from './dom.ts';

/**
 * A bar of two tones over a track: `base` from the left, and from there on to `total`, both 0…1. Hidden from screen readers, since its
 * numbers stand beside it. Lengths go through the CSSOM, which the content security policy lets pass, unlike style attributes.
 */
export function bar(base: number, total: number): HTMLElement {
  const inner = element('span', { class: 'bar-total' });
  inner.style.setProperty('inline-size', percent(Math.max(base, total)));
  const first = element('span', { class: 'bar-base' });
  first.style.setProperty('inline-size', percent(Math.min(base, total)));
  return element('span', { class: 'bar', 'aria-hidden': 'true' }, inner, first);
}

function percent(fraction: number): string {
  return `${Math.min(100, Math.max(0, fraction * 100))}%`;
}
