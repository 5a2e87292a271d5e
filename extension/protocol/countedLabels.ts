import { type LabelName, listOf, type Say } from './labels.ts';

/** Labels whose word stands otherwise where the count in it is 1. */
const singulars: Partial<Record<LabelName, LabelName>> = {
  inputs: 'oneInput',
  units: 'oneUnit',
  weights: 'oneWeight',
  weightsRegrown: 'oneWeightRegrown',
  values: 'oneValue',
  samples: 'oneSample',
  roundsOfSchedule: 'oneRoundOfSchedule',
  endedSettled: 'endedSettledAtOnce',
  endedTrials: 'endedTrial',
  endedTime: 'endedTimeAtOnce',
  endedCancelled: 'endedCancelledAtOnce',
};

/** The label as it is said of the count among its arguments. */
export function counted(label: LabelName, { count }: Record<string, string | number>): LabelName {
  return String(count) === '1' ? (singulars[label] ?? label) : label;
}

/** How many features a layer reads, and how many units it has. */
export function sizeText(inputs: string | number, units: string | number, say: Say): string {
  return listOf([say('inputs', { count: inputs }), say('units', { count: units })], say);
}
