import type { Say } from './labels.ts';
import { formatMeasure, outputMeasures } from './measures.ts';
import type { Numbers } from './numbers.ts';
import type { PruneReport } from './report.ts';

export interface ControlTable {
  /** What a row is about, the pruned model, and the small dense one. */
  readonly head: readonly [string, string, string];
  readonly rows: readonly (readonly [string, string, string])[];
}

/** The pruned model beside the small dense one that was trained from scratch; undefined where there is none. */
export function controlTable(
  { after, finetune, control }: PruneReport,
  say: Say,
  numbers: Numbers,
): ControlTable | undefined {
  if (!control) return undefined;
  const { epochs = [] } = finetune ?? {};
  const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  return {
    head: [say('measure'), say('prunedModel'), say('smallModel')],
    rows: [
      ...outputMeasures(control).flatMap(({ label, args, unit, pick }) => {
        const values = [pick(after), pick(control)];
        if (values.some((value) => value === undefined)) return [];
        const [own, small] = values.map((value) => formatMeasure(value as number, unit, numbers));
        return [[say(label, args), own, small] as const];
      }),
      [say('nonzero'), numbers.count(after.sizes.nonzero), numbers.count(control.parameters)],
      ...control.layers.map(({ name, units }) => {
        const own = after.layers.find((layer) => layer.name === name);
        // A layer that left has none.
        const left = own?.hiddenSize ?? 0;
        return [say('unitsOf', { layer: name }), numbers.count(left), numbers.count(units)] as const;
      }),
      [say('epochsTrained'), numbers.count(epochs.length), numbers.count(control.epochs)],
      [say('trainingTime'), numbers.seconds(seconds), numbers.seconds(control.seconds)],
    ],
  };
}
