import { linePath } from '../extension/protocol/chart.ts';
import {
  type Curve,
  type CurvePoint,
  curveOf,
  markedPoints,
  validationPoint,
} from '../extension/protocol/curve.ts';
import { curveText } from '../extension/protocol/finetuneFacts.ts';
import type { LabelName } from '../extension/protocol/labels.ts';
import type { FinetuneReport } from '../extension/protocol/report.ts';
import { chartFrame, grid, lineSwatch, picture } from './chartFrame.ts';
import type { Drawing } from './context.ts';
import { element } from './dom.ts';
import { svg } from './svg.ts';

const height = 220;

type Series = 'training' | 'validation';
const seriesLabels: Record<Series, LabelName> = { training: 'trainingLoss', validation: 'validationLoss' };
const seriesNames = Object.keys(seriesLabels) as Series[];

/** Training and validation loss as lines over the epochs, as wide as there is room for. Its numbers are in a table beside it. */
export function lossChart(finetune: FinetuneReport, drawing: Drawing): HTMLElement {
  const { say } = drawing;
  const legend = element(
    'p',
    { class: 'legend' },
    ...seriesNames.map((name) => element('span', {}, lineSwatch(name), say(seriesLabels[name]))),
  );
  const frame = chartFrame((width) => draw(finetune, width, drawing));
  return element('figure', { class: 'loss-chart' }, legend, frame);
}

function draw(finetune: FinetuneReport, width: number, drawing: Drawing): SVGElement {
  const { say, numbers } = drawing;
  const label = `${say('lossCurve')}. ${curveText(finetune, say, numbers)}`;
  const curve = curveOf(finetune.epochs, { width, height }, numbers);
  const { plot, lossTicks, lossTextX, epochTicks, epochTextY } = curve;
  const axes = { plot, across: epochTicks, acrossTextY: epochTextY, up: lossTicks, upTextX: lossTextX };
  return picture(
    label,
    { width, height },
    ...grid(axes),
    ...seriesNames.map((name) => line(name, curve[name])),
    ...seriesNames.flatMap((name) => points(name, curve[name], finetune, drawing)),
    ...keptMark(curve, finetune, drawing),
  );
}

function line(name: Series, places: readonly CurvePoint[]): SVGElement {
  return svg('path', { class: `line ${name}`, d: linePath(places) });
}

function points(
  name: Series,
  places: readonly CurvePoint[],
  { epochs }: FinetuneReport,
  { say, numbers }: Drawing,
): SVGElement[] {
  const losses = new Map(
    epochs.map((one) => [one.epoch, name === 'training' ? one.loss : one.validationLoss] as const),
  );
  return markedPoints(places).map(({ epoch, x, y }) => {
    const loss = numbers.quantity(losses.get(epoch) ?? Number.NaN);
    const title = `${say('epoch')} ${numbers.count(epoch)}: ${say(seriesLabels[name])} ${loss}`;
    return svg('circle', { class: `point ${name}`, cx: x, cy: y, r: 3 }, svg('title', {}, title));
  });
}

/** A ring around the epoch whose weights were written. */
function keptMark(curve: Curve, { kept }: FinetuneReport, { say, numbers }: Drawing): SVGElement[] {
  const at = validationPoint(curve, kept);
  if (!at) return [];
  const title = svg('title', {}, say('weightsOfEpoch', { epoch: numbers.count(kept) }));
  return [svg('circle', { class: 'kept', cx: at.x, cy: at.y, r: 6.5 }, title)];
}
