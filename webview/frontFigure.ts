import type { AutoReport } from '../extension/protocol/auto.ts';
import { linePath } from '../extension/protocol/chart.ts';
import { type FrontPoint, frontChart, frontText } from '../extension/protocol/frontChart.ts';
import { trialText } from '../extension/protocol/trialText.ts';
import { chartFrame, grid, lineSwatch, picture } from './chartFrame.ts';
import type { Drawing } from './context.ts';
import { element } from './dom.ts';
import { svg } from './svg.ts';

const height = 260;

/** Losses by sizes of all trials, the front as a line. Each point can take the focus, and is told under the chart then. */
export function frontFigure(report: AutoReport, drawing: Drawing): HTMLElement {
  const { say } = drawing;
  // Screen readers read the point's own name.
  const told = element('p', { class: 'told', 'aria-hidden': 'true' });
  const tell = (text: string) => told.replaceChildren(text);
  return element(
    'figure',
    { class: 'front-chart' },
    element('figcaption', {}, say('frontChart')),
    element(
      'p',
      { class: 'legend' },
      element('span', {}, pointSwatch('validation'), say('budgetWithin')),
      element('span', {}, pointSwatch('training'), say('budgetBeyond')),
      element('span', {}, pointSwatch('kept'), say('budgetChosen')),
      element('span', {}, lineSwatch('validation'), say('front')),
      element('span', {}, lineSwatch('as-it-is'), say('lossAllowed')),
    ),
    chartFrame((width) => draw(report, width, tell, drawing)),
    told,
  );
}

function draw(report: AutoReport, width: number, tell: (text: string) => void, drawing: Drawing): SVGElement {
  const { say, numbers } = drawing;
  const chart = frontChart(report, { width, height }, numbers);
  const { plot, sizeTicks, sizeTextY, lossTicks, lossTextX, limit, clippedAt } = chart;
  const axes = { plot, across: sizeTicks, acrossTextY: sizeTextY, up: lossTicks, upTextX: lossTextX };
  const clipped = clippedAt === undefined ? [] : [say('frontClipped', { loss: numbers.quantity(clippedAt) })];
  const label = [`${say('frontChart')}.`, frontText(report, say, numbers), ...clipped].join(' ');
  return picture(
    label,
    { width, height, role: 'group' },
    ...grid(axes),
    svg('line', { class: 'as-it-is', x1: plot.left, x2: plot.right, y1: limit, y2: limit }),
    svg('path', { class: 'line validation', d: linePath(chart.front) }),
    ...chart.points.map((one) => point(one, report, tell, drawing)),
  );
}

function point(
  { id, x, y, within, isBest }: FrontPoint,
  report: AutoReport,
  tell: (text: string) => void,
  { say, numbers }: Drawing,
): SVGElement {
  const text = trialText(report, id, say, numbers) ?? '';
  const drawn = svg(
    'g',
    { class: 'trial', role: 'img', 'aria-label': text, tabindex: 0 },
    svg('circle', { class: 'around', cx: x, cy: y, r: 10 }),
    svg('circle', { class: `point ${within ? 'validation' : 'training'}`, cx: x, cy: y, r: 4 }),
    ...(isBest ? [svg('circle', { class: 'kept', cx: x, cy: y, r: 7 })] : []),
  );
  for (const event of ['focus', 'pointerenter']) drawn.addEventListener(event, () => tell(text));
  return drawn;
}

function pointSwatch(name: string): SVGElement {
  return svg(
    'svg',
    { class: 'line-swatch', width: 12, height: 12, 'aria-hidden': 'true' },
    svg('circle', {
      class: name === 'kept' ? name : `point ${name}`,
      cx: 6,
      cy: 6,
      r: name === 'kept' ? 5 : 4,
    }),
  );
}
