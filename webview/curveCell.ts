import { linePath } from '../extension/protocol/chart.ts';
import { listOf } from '../extension/protocol/labels.ts';
import type { SensitivityCurve } from '../extension/protocol/sensitivity.ts';
import { lossText } from '../extension/protocol/sensitivityTables.ts';
import { type LossRange, smallCurve } from '../extension/protocol/smallCurve.ts';
import type { Drawing } from './context.ts';
import { element } from './dom.ts';
import { svg } from './svg.ts';

const size = { width: 120, height: 28, margin: 3 };

/** A small curve in a table, which shows its losses while it has the focus or the pointer is on it. */
export function curveCell(
  curve: SensitivityCurve,
  baseline: number,
  range: LossRange,
  { say, numbers }: Drawing,
): HTMLElement {
  const { points, baseline: y } = smallCurve(curve, baseline, range, size);
  const losses = curve.points.map(({ loss, sparsity }) =>
    say('lossAt', { loss: lossText(loss, say, numbers), sparsity: numbers.percent(sparsity) }),
  );
  const text = say('curveOfPart', { part: curve.name, losses: listOf(losses, say) });
  const { width, height } = size;
  const drawn = svg(
    'svg',
    { role: 'img', 'aria-label': text, tabindex: 0, width, height, viewBox: `0 0 ${width} ${height}` },
    svg('line', { class: 'as-it-is', x1: 0, x2: width, y1: y, y2: y }),
    svg('path', { class: 'line series-0', d: linePath(points) }),
  );
  return element(
    'span',
    { class: 'curve-cell' },
    drawn,
    element('span', { class: 'curve-losses', 'aria-hidden': 'true' }, losses.join('\n')),
  );
}
