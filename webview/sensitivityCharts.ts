import { linePath } from '../extension/protocol/chart.ts';
import { gateLabels } from '../extension/protocol/labels.ts';
import type { SensitivityReport } from '../extension/protocol/sensitivity.ts';
import {
  type ChartGroup,
  type ChartSeries,
  chartGroups,
  matrixText,
  sensitivityChart,
} from '../extension/protocol/sensitivityChart.ts';
import { chartText } from '../extension/protocol/sensitivityTables.ts';
import { chartFrame, grid, lineSwatch, picture } from './chartFrame.ts';
import type { Drawing } from './context.ts';
import { element } from './dom.ts';
import { svg } from './svg.ts';

const height = 200;

/** A chart for each matrix, with a line for each of its gates. Their numbers are in a table beside them. */
export function sensitivityCharts(report: SensitivityReport, drawing: Drawing): HTMLElement {
  const charts = chartGroups(report).map((group) => groupChart(group, report.baseline, drawing));
  return element('div', { class: 'charts' }, ...charts);
}

function groupChart(group: ChartGroup, baseline: number, drawing: Drawing): HTMLElement {
  const { say } = drawing;
  const title = say('lossBySparsity', { layer: group.layer, matrix: matrixText(group, say) });
  const names = group.curves.map((curve) => nameOf(curve, group, drawing));
  return element(
    'figure',
    { class: 'sensitivity-chart' },
    element('figcaption', {}, title),
    element(
      'p',
      { class: 'legend' },
      ...names.map((name, i) => element('span', {}, lineSwatch(`series-${i}`), name)),
    ),
    chartFrame((width) => draw(group, baseline, title, width, drawing)),
  );
}

function draw(
  { curves }: ChartGroup,
  baseline: number,
  title: string,
  width: number,
  { say, numbers }: Drawing,
): SVGElement {
  const chart = sensitivityChart(curves, baseline, { width, height }, numbers);
  const { plot, sparsityTicks, sparsityTextY, lossTicks, lossTextX, series } = chart;
  const axes = {
    plot,
    across: sparsityTicks,
    acrossTextY: sparsityTextY,
    up: lossTicks,
    upTextX: lossTextX,
  };
  const [x1, x2, y] = [plot.left, plot.right, chart.baseline];
  return picture(
    `${title}. ${chartText(curves, say, numbers)}`,
    { width, height },
    ...grid(axes),
    svg('line', { class: 'as-it-is', x1, x2, y1: y, y2: y }),
    ...series.map(({ points }, i) => svg('path', { class: `line series-${i}`, d: linePath(points) })),
  );
}

function nameOf({ gate }: Pick<ChartSeries, 'gate'>, group: ChartGroup, { say }: Drawing): string {
  return gate ? `${gate} (${say(gateLabels[gate])})` : matrixText(group, say);
}
