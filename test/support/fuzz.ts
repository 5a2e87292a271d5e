import { mainFileOf } from '../../extension/formats/mainFileOf.ts';
import { openModel } from '../../extension/formats/open.ts';
import { inspect } from '../../extension/jobs/inspect.ts';
import { probe } from '../../extension/jobs/probe.ts';
import { prune } from '../../extension/jobs/prune.ts';
import { UserError } from '../../extension/protocol/userError.ts';
import { recordedContext } from './jobContext.ts';

/** What became of a damaged model: a code, or `fine`. Throws whatever is no `UserError`. */
export type Attempt = (path: string, output: string) => Promise<string>;

/** A whole job: it is pruned, and computed where it can be. */
export const tryPruning: Attempt = (path, output) =>
  outcome(() => prune({ path, recipe: { sparsity: 0.5 }, output, force: true }, recordedContext()));

/** A whole job that takes half of the units out of the file, and so changes what says their number. */
export const tryShrinking: Attempt = (path, output) =>
  outcome(() => {
    const recipe = { granularity: 'unit', shrink: true, sparsity: 0.5 } as const;
    return prune({ path, recipe, output, force: true }, recordedContext());
  });

/** Looks at the model, writes it with a mask, and looks at what was written. */
export const trySaving: Attempt = (path, output) =>
  outcome(async () => {
    await probe({ path }, recordedContext());
    await inspect({ path }, recordedContext());
    const model = await openModel(path);
    try {
      for (const parameter of model.parameters)
        parameter.mask = Uint8Array.from(await parameter.read(), (_, i) => i % 2);
      await model.save(output, { compress: false });
    } finally {
      await model.close();
    }
    await inspect({ path: mainFileOf(model, output) }, recordedContext());
  });

/** Only looks at it. */
export const tryLooking: Attempt = (path) => outcome(() => inspect({ path }, recordedContext()));

async function outcome(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return 'fine';
  } catch (error) {
    if (error instanceof UserError) return error.info.code;
    throw error;
  }
}
