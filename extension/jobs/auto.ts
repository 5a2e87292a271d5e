import { cp } from 'node:fs/promises';
import { mainFileOf } from '../formats/mainFileOf.ts';
import { openModel } from '../formats/open.ts';
import { writeWhole } from '../formats/writeWhole.ts';
import { type AutoReport, defaultEpochs } from '../protocol/auto.ts';
import { highestLoss, type LossIncrease } from '../protocol/lossBudget.ts';
import type { Message } from '../protocol/messages.ts';
import type { AutoRequest } from '../protocol/requests.ts';
import { UserError } from '../protocol/userError.ts';
import { paretoFront } from '../pruning/paretoFront.ts';
import { checkedAuto } from './autoChecks.ts';
import { defaultCheckpointFolder } from './checkpoints.ts';
import { breathe, type JobContext } from './context.ts';
import { keepDescription } from './describe.ts';
import { type Destination, destinationOf } from './destination.ts';
import { checkEvidence } from './evidence.ts';
import { addNotes } from './judge.ts';
import { notReached } from './notReached.ts';
import { layGround, type SearchGround } from './searchGround.ts';
import { openSearchJudge } from './searchJudge.ts';
import { bestOf, type Succeeded, succeeded, type Tried, tryAll } from './searchLoop.ts';
import { SearchWatch } from './searchProgress.ts';
import { hashOf, openTrials } from './trialFolder.ts';

/**
 * Searches for the smallest model whose validation loss is within a budget: divides overall sparsities among gates by what each costs
 * alone, prunes and fine-tunes a trial at each, and narrows the sparsity down. The best trial's file becomes the output, whole or not at
 * all; the original is only read. All trials are kept, so that a search that was broken off goes on with them. Throws `UserError`:
 * budgetNotReached where no trial is within the budget.
 */
export async function auto(request: AutoRequest, context: JobContext): Promise<AutoReport> {
  const start = performance.now();
  const { path, checkpoints = defaultCheckpointFolder() } = request;
  const checked = checkedAuto(request.options);
  const { base, options } = checked;
  checkEvidence(base);
  context.progress({ stage: 'open', done: 0 });
  // Says what is wrong with the file before anything of it is kept.
  const original = await openModel(path);
  await original.close();
  const destination = await destinationOf(request, original);
  try {
    const folder = await openTrials(checkpoints, original, base);
    const known = base.resume === false ? undefined : await folder.ground();
    const isUsable = known?.engine !== 'tensorflow' || request.tensorflow !== undefined;
    let ground = isUsable ? known : undefined;
    // An engine that is chosen by a clock is chosen once.
    const begun = ground ? { ...base, engine: ground.engine } : base;
    const judge = once(() => openSearchJudge(path, begun, request, context.signal));
    const watch = new SearchWatch(context, checked);
    if (!ground) {
      ground = await layGround(path, base, await judge(), watch.ground());
      await folder.keepGround(ground);
    }
    const limits = limitsOf(ground, checked.increase);
    const { engine } = ground;
    const search = {
      ...checked,
      base: { ...base, engine },
      request,
      folder,
      judge,
      ground,
      limit: limits.validation,
    };
    const { tried, stopped } = await tryAll(search, watch, context);
    const best = bestOf(tried);
    if (!best) throw notReached(tried, stopped, limits.validation);
    context.progress({ stage: 'write', done: 1 });
    const output = mainFileOf(original, await writeBest(best, destination, context));
    const described = await keepDescription(original, output);
    const { before, lossName, data, validation, sensitivitySamples } = ground;
    return {
      model: path,
      output,
      options: { ...options, engine },
      before,
      lossName,
      limits,
      trials: tried.map(({ trial }) => trial),
      front: frontOf(tried),
      best: best.trial.id,
      stopped,
      data,
      validation,
      sensitivitySamples,
      ...(best.kept.engine !== undefined && { engine: best.kept.engine }),
      seconds: (performance.now() - start) / 1000,
      notes: [...notesOf(request, ground, best, limits), ...described],
    };
  } finally {
    destination.release();
  }
}

/** Calls a function when it is first wanted, and gives the same again from then on. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function limitsOf({ before }: SearchGround, increase: LossIncrease): AutoReport['limits'] {
  return {
    validation: highestLoss(before.validationLoss, increase),
    reported: highestLoss(before.loss, increase),
  };
}

/** Copies the trial's file, whose weights were verified when it was written, and makes sure that the copy is the same. */
async function writeBest(
  { result, kept }: Succeeded,
  { path, placing }: Destination,
  context: JobContext,
): Promise<string> {
  const write = async (temporary: string) => {
    await cp(result.file, temporary, { recursive: true, errorOnExist: true, force: false });
    if ((await hashOf(temporary)) !== kept.hash)
      throw new UserError('cannotWrite', { file: path }, { code: 'reasonOtherBytes', args: {} });
    await breathe(context);
  };
  return writeWhole(path, write, placing);
}

function frontOf(tried: readonly Tried[]): number[] {
  const sized = succeeded(tried).map(({ trial, result }) => ({
    id: trial.id,
    size: result.sizes.nonzero,
    loss: result.validationLoss,
  }));
  return paretoFront(sized).map(({ id }) => id);
}

function notesOf(
  { options }: AutoRequest,
  ground: SearchGround,
  { kept, result }: Succeeded,
  limits: AutoReport['limits'],
): Message[] {
  const notes = [...ground.notes];
  if (options.epochs === undefined)
    notes.push({ code: 'noteDefaultEpochs', args: { epochs: defaultEpochs } });
  // Where both are the same samples, that is said already.
  if (result.loss > limits.reported && ground.validation.split !== ground.data.split)
    notes.push({ code: 'noteReportedBeyond', args: { loss: result.loss, limit: limits.reported } });
  addNotes(notes, kept.notes);
  return notes;
}
