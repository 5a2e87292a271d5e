import type { Message } from '../protocol/messages.ts';
import type { SplitChoice } from '../protocol/recipe.ts';
import { UserError } from '../protocol/userError.ts';
import type { BareSamples, Dataset, Part, PartName, Samples } from './dataset.ts';
import { sliceSamples } from './shapes.ts';

/** First sample of the last 20 % of `count`, rounded up so that there is one; Keras' validation_split cuts there too. */
export function tailStart(count: number): number {
  return Math.floor((count * 4) / 5);
}

/** The part that a report is about. */
export interface ReportedPart<S extends BareSamples = Samples> {
  readonly name: PartName;
  readonly part: Part<S>;
  readonly notes: readonly Message[];
}

/** The part that was asked for; else test, else val, else the last 20 %. Throws splitMissing. */
export function reportedPart<S extends BareSamples>(
  { file, parts, notes }: Dataset<S>,
  asked?: SplitChoice,
): ReportedPart<S> {
  const found = (Object.keys(parts) as PartName[]).filter((name) => name !== 'tail').join(', ');
  const name = asked ?? (['test', 'val', 'tail'] as const).find((candidate) => parts[candidate]);
  const part = name && parts[name];
  if (!part) throw new UserError('splitMissing', { file, split: name ?? 'test', found });
  if (name !== 'tail') return { name, part, notes };
  return {
    name,
    part,
    notes: [...notes, { code: 'noteTailSplit', args: { file, samples: part.count } }],
  };
}

/** What a model is trained on, and what its epochs are compared by. */
export interface TrainingSamples<S extends BareSamples = Samples> {
  readonly train: S;
  readonly validation: S;
  /** `held`: the last 10 % of the training part. */
  readonly validationSplit: PartName | 'held';
  readonly notes: readonly Message[];
}

/**
 * The training part, and for validation the part val where it is not reported, else the last 10 % of the training part; the reported
 * samples only where training would have none left otherwise. Throws splitMissing where there is no training part, and
 * tooFewSamples where it would be empty.
 */
export async function loadTraining<S extends BareSamples>(
  { file, parts }: Dataset<S>,
  reported: { readonly split: PartName; readonly samples: S },
  signal?: AbortSignal,
): Promise<TrainingSamples<S>> {
  const { train: part, val, tail, all } = parts;
  if (!part || part.count === 0) {
    // What is reported of an undivided whole leaves nothing where that is one sample.
    if (tail && all) throw new UserError('tooFewSamples', { file, found: all.count, expected: 2 });
    const found = (Object.keys(parts) as PartName[]).filter((name) => name !== 'tail').join(', ');
    throw new UserError('splitMissing', { file, split: 'train', found });
  }
  const { split } = reported;
  const seen = split === 'train' || split === 'all';
  const notes: Message[] = seen ? [{ code: 'noteReportedTrained', args: {} }] : [];
  const whole = split === 'train' ? reported.samples : await part.load(signal);
  if (val && val.count > 0 && split !== 'val') {
    return { train: whole, validation: await val.load(signal), validationSplit: 'val', notes };
  }
  const start = Math.floor((whole.count * 9) / 10);
  const rest = part.apartFrom?.(start) ?? start;
  if (rest > 0) {
    const held = samplesOf(whole, start, whole.count);
    return { train: samplesOf(whole, 0, rest), validation: held, validationSplit: 'held', notes };
  }
  if (!seen) notes.push({ code: 'noteValidationReported', args: {} });
  return { train: whole, validation: reported.samples, validationSplit: split, notes };
}

/** Samples `from` up to `to`; shares the values. */
function samplesOf<S extends BareSamples>(samples: S, from: number, to: number): S {
  const { inputs, targets } = samples;
  return {
    ...samples,
    inputs: inputs.map((input) => sliceSamples(input, from, to)),
    ...(targets && { targets: sliceSamples(targets, from, to) }),
    count: to - from,
  };
}
