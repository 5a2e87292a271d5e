import { type AutoReport, bestTrial, type UnprunedResult } from './auto.ts';
import { type LabelName, type Say, splitLabels } from './labels.ts';
import type { Measure } from './measures.ts';

/** The model as it is and the chosen trial of a search. */
export function searchMeasures(report: AutoReport, say: Say): Measure[] {
  const { before, data } = report;
  const result = bestTrial(report)?.result;
  const line = (
    label: LabelName,
    unit: Measure['unit'],
    pick: (one: UnprunedResult) => number,
    args: Record<string, string> = {},
  ): Measure => ({ label, args, unit, before: pick(before), ...(result && { after: pick(result) }) });
  return [
    line('sparsity', 'fraction', ({ sparsity }) => sparsity),
    line('validationLoss', 'quantity', ({ validationLoss }) => validationLoss),
    line('lossOnPart', 'quantity', ({ loss }) => loss, { part: say(splitLabels[data.split]) }),
    line('fileSize', 'bytes', ({ sizes }) => sizes.file),
    line('gzipSize', 'bytes', ({ sizes }) => sizes.gzip),
    line('nonzero', 'count', ({ sizes }) => sizes.nonzero),
  ];
}
