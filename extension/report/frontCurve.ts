import type { AutoReport } from '../protocol/auto.ts';
import { linePath } from '../protocol/chart.ts';
import { type FrontPoint, frontChart, frontText } from '../protocol/frontChart.ts';
import type { Say } from '../protocol/labels.ts';
import type { Numbers } from '../protocol/numbers.ts';
import { type Html, html } from './escape.ts';

const size = { width: 720, height: 280 };

/** Losses by sizes of all trials as a picture in the page, the front as a line, with what it shows in words for those who do not see it. */
export function frontCurve(report: AutoReport, say: Say, numbers: Numbers): Html {
  const chart = frontChart(report, size, numbers);
  const { plot, sizeTicks, sizeTextY, lossTicks, lossTextX, points, front, limit, clippedAt } = chart;
  const rules = lossTicks.map(
    ({ at, text }) =>
      html`<line class="rule" x1="${plot.left}" x2="${plot.right}" y1="${at}" y2="${at}"/><text x="${lossTextX}" y="${at}" text-anchor="end" dominant-baseline="middle">${text}</text>
`,
  );
  const marks = sizeTicks.map(
    ({ at, text }) =>
      html`<text x="${at}" y="${sizeTextY}" text-anchor="middle">${text}</text>
`,
  );
  const clipped = clippedAt === undefined ? '' : say('frontClipped', { loss: numbers.quantity(clippedAt) });
  const title = say('frontChart');
  return html`<figure class="curve">
<figcaption>${title}</figcaption>
<p class="legend">${swatch('validation', say('budgetWithin'))}${swatch('training', say('budgetBeyond'))}${swatch('kept', say('budgetChosen'))}<span>${line('validation')}${say('front')}</span><span>${line('as-it-is')}${say('lossAllowed')}</span></p>
<svg role="img" aria-label="${title}" viewBox="0 0 ${size.width} ${size.height}">
<desc>${frontText(report, say, numbers)}</desc>
${rules}${marks}<line class="as-it-is" x1="${plot.left}" x2="${plot.right}" y1="${limit.toFixed(1)}" y2="${limit.toFixed(1)}"/>
<path class="line validation" d="${linePath(front)}"/>
${points.map((point) => circle(point, say))}</svg>
${clipped ? html`<p class="muted">${clipped}</p>` : undefined}</figure>
`;
}

function circle({ id, x, y, within, isBest }: FrontPoint, say: Say): Html {
  const ring = isBest
    ? html`<circle class="kept" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="7"/>`
    : undefined;
  return html`<circle class="${within ? 'validation' : 'training'}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="4"><title>${say('trialNumber', { trial: id })}</title></circle>${ring}
`;
}

function swatch(className: string, text: string): Html {
  return html`<span><svg viewBox="0 0 12 12" aria-hidden="true"><circle class="${className}" cx="6" cy="6" r="4"/></svg>${text}</span>`;
}

function line(className: string): Html {
  return html`<svg viewBox="0 0 12 12" aria-hidden="true"><path class="line ${className}" d="M0 6H12"/></svg>`;
}
