import { linePath } from '../protocol/chart.ts';
import { gateLabels, type Say } from '../protocol/labels.ts';
import type { Numbers } from '../protocol/numbers.ts';
import {
  type ChartGroup,
  type ChartSeries,
  matrixText,
  sensitivityChart,
} from '../protocol/sensitivityChart.ts';
import { chartText } from '../protocol/sensitivityTables.ts';
import { type Html, html } from './escape.ts';

const size = { width: 480, height: 240 };

/** Losses by sparsity of one matrix, a line a gate, as a picture in the page, with what it shows in words for those who do not see it. */
export function sensitivityCurves(group: ChartGroup, baseline: number, say: Say, numbers: Numbers): Html {
  const { layer, curves } = group;
  const chart = sensitivityChart(curves, baseline, size, numbers);
  const { plot, sparsityTicks, sparsityTextY, lossTicks, lossTextX, series } = chart;
  const title = say('lossBySparsity', { layer, matrix: matrixText(group, say) });
  const rules = lossTicks.map(
    ({ at, text }) =>
      html`<line class="rule" x1="${plot.left}" x2="${plot.right}" y1="${at}" y2="${at}"/><text x="${lossTextX}" y="${at}" text-anchor="end" dominant-baseline="middle">${text}</text>
`,
  );
  const marks = sparsityTicks.map(
    ({ at, text }) =>
      html`<text x="${at}" y="${sparsityTextY}" text-anchor="middle">${text}</text>
`,
  );
  return html`<figure class="curve">
<figcaption>${title}</figcaption>
<p class="legend">${series.map((one, i) => html`<span>${swatch(i)}${nameOf(one, group, say)}</span>`)}</p>
<svg role="img" aria-label="${title}" viewBox="0 0 ${size.width} ${size.height}">
<desc>${chartText(curves, say, numbers)}</desc>
${rules}${marks}<line class="as-it-is" x1="${plot.left}" x2="${plot.right}" y1="${chart.baseline.toFixed(1)}" y2="${chart.baseline.toFixed(1)}"/>
${series.map(
  ({ points }, i) => html`<path class="line series-${i}" d="${linePath(points)}"/>
`,
)}</svg>
</figure>
`;
}

function nameOf({ gate }: ChartSeries, group: ChartGroup, say: Say): string {
  return gate ? `${gate} (${say(gateLabels[gate])})` : matrixText(group, say);
}

function swatch(number: number): Html {
  return html`<svg viewBox="0 0 16 12" aria-hidden="true"><path class="line series-${number}" d="M0 6H16"/></svg>`;
}
