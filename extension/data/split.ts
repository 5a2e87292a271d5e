import type { Message } from '../protocol/messages.ts';
import type { SplitChoice } from '../protocol/recipe.ts';
import { UserError } from '../protocol/userError.ts';
import type { Dataset, Part, PartName } from './dataset.ts';

/** First sample of the last 20 % of `count`, rounded up so that there is one; Keras' validation_split cuts there too. */
export function tailStart(count: number): number {
  return Math.floor((count * 4) / 5);
}

/** The part that a report is about. */
export interface ReportedPart {
  readonly name: PartName;
  readonly part: Part;
  readonly notes: readonly Message[];
}

/** The part that was asked for; else test, else val, else the last 20 %. Throws splitMissing. */
export function reportedPart({ file, parts, notes }: Dataset, asked?: SplitChoice): ReportedPart {
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
