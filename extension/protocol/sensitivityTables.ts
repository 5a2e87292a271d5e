import { gateLabels, listOf, type Say } from './labels.ts';
import type { Numbers } from './numbers.ts';
import {
  type FindingLimits,
  finestCurves,
  type GateFindings,
  harmlessRise,
  type LayerFindings,
  type MeasuredLoss,
  ranked,
  type SensitivityCurve,
  type SensitivityPoint,
  type SensitivityReport,
} from './sensitivity.ts';

/** A table as text; the first column names what a row is about, the others are numbers where they are not said to be texts. */
export interface TextColumns {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Single parts, the most sensitive first: how far each may go, its area, a small picture, and how the loss changes at each level. */
export function rankedTable(report: SensitivityReport, say: Say, numbers: Numbers): TextColumns {
  return curveTable(ranked(finestCurves(report.curves)), report, say, numbers);
}

/** The same of what consists of several parts; no rows where there is nothing. */
export function wholeTable(report: SensitivityReport, say: Say, numbers: Numbers): TextColumns {
  const finest = new Set(finestCurves(report.curves));
  const whole = report.curves.filter((curve) => !finest.has(curve));
  return curveTable(ranked(whole), report, say, numbers);
}

/** The loss of every part at every sparsity, in canonical order. */
export function levelTable({ curves }: SensitivityReport, say: Say, numbers: Numbers): TextColumns {
  const sparsities = curves.at(0)?.points.map(({ sparsity }) => numbers.percent(sparsity)) ?? [];
  return {
    head: [say('part'), ...sparsities],
    rows: curves.map(({ name, points }) => [name, ...points.map(({ loss }) => lossText(loss, say, numbers))]),
  };
}

/** Columns that are texts, beside the first. */
export const curveColumn = 4;

function curveTable(
  curves: readonly SensitivityCurve[],
  { levels, baseline, curves: all }: SensitivityReport,
  say: Say,
  numbers: Numbers,
): TextColumns {
  const rise = ({ loss }: SensitivityPoint) => (loss === null ? null : loss - baseline);
  const rises = all.flatMap(({ points }) => points.map(rise));
  const highest = Math.max(...rises.filter((one) => one !== null));
  return {
    head: [
      say('part'),
      say('weightNumber'),
      say('harmlessUpTo'),
      say('area'),
      say('curve'),
      ...levels.map((level) => numbers.percent(level)),
    ],
    rows: curves.map(({ name, weights, harmless, area, points }) => [
      name,
      numbers.count(weights),
      numbers.percent(harmless),
      lossText(area, say, numbers),
      sparkline(points.map(rise), highest),
      ...points.slice(1).map(({ loss }) => change(loss, baseline, say, numbers)),
    ]),
  };
}

/** A loss, or an area over losses, that may not be finite. */
export function lossText(loss: MeasuredLoss, say: Say, numbers: Pick<Numbers, 'quantity'>): string {
  return loss === null ? say('notFinite') : numbers.quantity(loss);
}

/** Relative to the loss as it is; the loss itself where that is 0. */
function change(loss: MeasuredLoss, baseline: number, say: Say, numbers: Numbers): string {
  return loss === null || baseline === 0
    ? lossText(loss, say, numbers)
    : numbers.signedPercent((loss - baseline) / Math.abs(baseline));
}

const blocks = '▁▂▃▄▅▆▇█';

/** A curve in a line of text, from 0 to the highest of all curves; a cross where a loss is not finite. */
function sparkline(rises: readonly (number | null)[], highest: number): string {
  const share = (rise: number) => (highest > 0 ? Math.min(1, Math.max(0, rise / highest)) : 0);
  return rises
    .map((rise) => (rise === null ? '×' : blocks[Math.round(share(rise) * (blocks.length - 1))]))
    .join('');
}

/** What the columns mean. */
export function meanings({ levels }: SensitivityReport, say: Say, numbers: Numbers): string[] {
  return [
    say('harmlessMeaning', { share: numbers.percent(harmlessRise) }),
    say('areaMeaning', { highest: numbers.percent(levels[levels.length - 1]) }),
  ];
}

/** Which units of a layer never say anything. @param listed how many units are told */
export function silentText(
  { deadUnits }: LayerFindings,
  { silent }: FindingLimits,
  say: Say,
  numbers: Numbers,
  listed: (units: readonly (number | string)[]) => string,
): string {
  const limit = numbers.quantity(silent);
  return deadUnits.length === 0
    ? say('noSilentUnits', { limit })
    : say('silentUnits', { limit, units: listed(deadUnits) });
}

/** The gates of a layer: in which units they are constant, how often they are shut and open, and in which units always. */
export function gatesTable(
  { gates }: LayerFindings,
  say: Say,
  numbers: Numbers,
  listed: (units: readonly (number | string)[]) => string,
): TextColumns {
  return {
    head: [say('gate'), say('shut'), say('open'), say('saturatedIn'), say('constantIn')],
    rows: gates.map((gate) => [
      `${gate.gate} (${say(gateLabels[gate.gate])})`,
      gate.saturation ? numbers.percent(gate.saturation.low) : '',
      gate.saturation ? numbers.percent(gate.saturation.high) : '',
      listed(gate.saturation?.units ?? []),
      listed(constantsOf(gate, say, numbers)),
    ]),
  };
}

/** The units in which a gate is constant, each with its mean. */
export function constantsOf(
  { constantUnits, constantValues }: GateFindings,
  say: Say,
  numbers: Numbers,
): string[] {
  return constantUnits.map((unit, i) =>
    say('constantUnit', { unit, value: numbers.magnitude(constantValues[i]) }),
  );
}

/** What counts as constant, shut and open. */
export function gateMeanings(
  { constant, low, high, always }: FindingLimits,
  say: Say,
  numbers: Numbers,
): string[] {
  return [
    say('saturationMeaning', {
      low: numbers.quantity(low),
      high: numbers.quantity(high),
      always: numbers.percent(always),
    }),
    say('constantMeaning', { limit: numbers.quantity(constant) }),
  ];
}

/** A chart in a sentence: the losses at its end. */
export function chartText(curves: readonly SensitivityCurve[], say: Say, numbers: Numbers): string {
  const ends = curves.map(({ name, gate, points }) => {
    const { loss } = points[points.length - 1];
    return say('partLoss', { part: gate ?? name, loss: lossText(loss, say, numbers) });
  });
  const { points } = curves[0];
  const highest = numbers.percent(points[points.length - 1].sparsity);
  return say('lossBySparsityText', { highest, losses: listOf(ends, say) });
}
