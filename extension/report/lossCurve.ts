import { linePath } from '../protocol/chart.ts';
import { type CurvePoint, curveOf, markedPoints, validationPoint } from '../protocol/curve.ts';
import { curveText } from '../protocol/finetuneFacts.ts';
import type { Say } from '../protocol/labels.ts';
import type { Numbers } from '../protocol/numbers.ts';
import type { FinetuneReport } from '../protocol/report.ts';
import { type Html, html } from './escape.ts';

const size = { width: 720, height: 240 };

/** Training and validation loss by epoch as a picture in the page, with what it shows in words for those who do not see it. */
export function lossCurve(finetune: FinetuneReport, say: Say, numbers: Numbers): Html {
  const curve = curveOf(finetune.epochs, size, numbers);
  const { plot, epochTicks, epochTextY, lossTicks, lossTextX, training, validation } = curve;
  const rules = lossTicks.map(
    ({ at, text }) =>
      html`<line class="rule" x1="${plot.left}" x2="${plot.right}" y1="${at}" y2="${at}"/><text x="${lossTextX}" y="${at}" text-anchor="end" dominant-baseline="middle">${text}</text>
`,
  );
  const marks = epochTicks.map(
    ({ at, text }) =>
      html`<text x="${at}" y="${epochTextY}" text-anchor="middle">${text}</text>
`,
  );
  const kept = validationPoint(curve, finetune.kept);
  return html`<figure class="curve">
<p class="legend"><span>${swatch('training')}${say('trainingLoss')}</span><span>${swatch('validation')}${say('validationLoss')}</span></p>
<svg role="img" aria-label="${say('lossCurve')}" viewBox="0 0 ${size.width} ${size.height}">
<desc>${curveText(finetune, say, numbers)}</desc>
${rules}${marks}${line('training', training)}${line('validation', validation)}${
  kept ? html`<circle class="kept" cx="${kept.x}" cy="${kept.y}" r="6"/>` : undefined
}</svg>
</figure>
`;
}

function line(series: 'training' | 'validation', points: readonly CurvePoint[]): Html {
  const dots = markedPoints(points).map(
    ({ x, y }) => html`<circle class="${series}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="2.5"/>`,
  );
  return html`<path class="line ${series}" d="${linePath(points)}"/>${dots}
`;
}

function swatch(series: 'training' | 'validation'): Html {
  return html`<svg viewBox="0 0 16 12" aria-hidden="true"><path class="line ${series}" d="M0 6H16"/></svg>`;
}
