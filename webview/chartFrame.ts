import type { Tick } from '../extension/protocol/chart.ts';
import { element } from './dom.ts';
import { svg } from './svg.ts';

/** Before the page is laid out. */
const firstWidth = 640;

/** A frame for a chart that is drawn anew for as much room as there is. */
export function chartFrame(draw: (width: number) => SVGElement): HTMLElement {
  const frame = element('div', { class: 'chart' }, draw(firstWidth));
  const resized = new ResizeObserver(() => {
    const width = Math.round(frame.clientWidth);
    if (width > 0) frame.replaceChildren(draw(width));
  });
  resized.observe(frame);
  return frame;
}

/** The picture of a chart, with what it shows in words. @param role `group` where parts of it take the focus */
export function picture(
  label: string,
  { width, height, role = 'img' }: { width: number; height: number; role?: 'img' | 'group' },
  ...parts: SVGElement[]
): SVGElement {
  const attributes = { role, 'aria-label': label, width, height, viewBox: `0 0 ${width} ${height}` };
  return svg('svg', attributes, ...parts);
}

export interface Axes {
  readonly plot: { readonly left: number; readonly right: number };
  /** Along the horizontal axis. */
  readonly across: readonly Tick[];
  readonly acrossTextY: number;
  /** Along the vertical axis. */
  readonly up: readonly Tick[];
  readonly upTextX: number;
}

/** A rule and a number at each tick of the vertical axis, and the numbers of the horizontal one. */
export function grid({ plot, across, acrossTextY, up, upTextX }: Axes): SVGElement[] {
  const rules = up.flatMap(({ at, text }) => [
    svg('line', { class: 'rule', x1: plot.left, x2: plot.right, y1: at, y2: at }),
    svg('text', { x: upTextX, y: at, 'text-anchor': 'end', 'dominant-baseline': 'middle' }, text),
  ]);
  const marks = across.map(({ at, text }) =>
    svg('text', { x: at, y: acrossTextY, 'text-anchor': 'middle' }, text),
  );
  return [...rules, ...marks];
}

/** A piece of a line, for a legend. @param name class of the line */
export function lineSwatch(name: string): SVGElement {
  return svg(
    'svg',
    { class: 'line-swatch', width: 22, height: 10, 'aria-hidden': 'true' },
    svg('path', { class: `line ${name}`, d: 'M0 5H22' }),
  );
}
