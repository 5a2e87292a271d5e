import { dirname, extname } from 'node:path';
import type { JobContext } from '../jobs/context.ts';
import { checkReport, type Reader, render } from '../jobs/render.ts';
import { checkRecipePlace, saveRecipe } from '../jobs/saveRecipe.ts';
import { type AutoOptions, type AutoReport, bestTrial, searchedKeys } from '../protocol/auto.ts';
import { sweepLeftovers } from '../protocol/leftovers.ts';
import type { Message, MessageCode } from '../protocol/messages.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { recipeOver } from '../protocol/recipeOver.ts';
import type { PruneReport } from '../protocol/report.ts';
import type { ReportFormat, Surroundings } from '../protocol/requests.ts';
import { judgingKeys, type SensitivityOptions, type SensitivityReport } from '../protocol/sensitivity.ts';
import { messageOf, UserError } from '../protocol/userError.ts';
import type { Translate } from '../protocol/wording.ts';
import { autoTable } from '../report/autoTerminal.ts';
import { sensitivityTable } from '../report/sensitivityTerminal.ts';
import { convertTable, evaluateTable, inspectTable, pruneTable } from '../report/terminal.ts';
import { type Arguments, dataKeys } from './flags.ts';
import type { Interruption } from './interruption.ts';
import { printable } from './printable.ts';
import { showProgress } from './progress.ts';
import { readRecipe } from './recipeFile.ts';

/** Runs one command, whose code is loaded for it alone, and prints its result: a table for people, or JSON. */
export async function run(args: Arguments, reader: Reader, interruption: Interruption): Promise<void> {
  const { t, locale } = reader;
  const progress = showProgress(process.stderr, reader);
  const context: JobContext = {
    signal: interruption.signal,
    finish: interruption.finish,
    progress: (now) => {
      interruption.watch(now);
      progress.show(now);
    },
  };
  const print = <T extends object>(
    report: T,
    table: (report: T, t: Translate, locale?: string) => string,
  ) => {
    progress.end();
    const shown = () => table(printable(report), t, locale);
    process.stdout.write(args.json ? `${JSON.stringify(report, null, 2)}\n` : `${shown()}\n`);
  };
  try {
    switch (args.command) {
      case 'inspect': {
        const { inspect } = await import('../jobs/inspect.ts');
        const report = await inspect({ path: args.model }, context);
        return print(report, inspectTable);
      }
      case 'evaluate': {
        const { evaluate } = await import('../jobs/evaluate.ts');
        const report = await evaluate({ path: args.model, data: args.recipe, ...surroundings() }, context);
        return print(report, evaluateTable);
      }
      case 'prune': {
        const format = args.report === undefined ? undefined : reportFormat(args.report);
        const report = await runPrune(args, context, interruption);
        print(report, pruneTable);
        await writeBeside(args, format, report, report.recipe, reader);
        return;
      }
      case 'auto': {
        const format = args.report === undefined ? undefined : reportFormat(args.report);
        const report = await runAuto(args, context, interruption);
        print(report, autoTable);
        await writeBeside(args, format, report, bestTrial(report)?.recipe ?? {}, reader);
        return;
      }
      case 'convert': {
        const { model: path, out: output = '', force } = args;
        await checkPlaces(args);
        const { convert } = await import('../jobs/convert.ts');
        const report = await convert({ path, output, force }, context);
        return print(report, convertTable);
      }
      case 'sensitivity': {
        const format = args.report === undefined ? undefined : reportFormat(args.report);
        const report = await runSensitivity(args, context);
        print(report, sensitivityTable);
        if (args.report !== undefined && format) await render({ report, format, path: args.report }, reader);
        return;
      }
    }
  } finally {
    progress.end();
  }
}

async function runPrune(
  args: Arguments,
  context: JobContext,
  interruption: Interruption,
): Promise<PruneReport> {
  const file = args.recipeFile === undefined ? {} : await readRecipe(args.recipeFile);
  const recipe = recipeOver(file, args.recipe);
  if (args.keepBest && !recipe.epochs) throw new UserError('optionNeedsEpochs', { option: 'keep-best' });
  interruption.resumes = recipe.resume !== false;
  await checkPlaces(args);
  const { prune } = await import('../jobs/prune.ts');
  const report = await prune({ ...placesOf(args), recipe, ...surroundings() }, context);
  return { ...report, notes: [...fallen(file, recipe), ...report.notes] };
}

/** What of a recipe file gave way to flags without being named by one. */
function fallen(file: Recipe, recipe: Recipe): Message[] {
  const keys = Object.keys(file).filter((key) => !Object.hasOwn(recipe, key));
  return keys.length === 0 ? [] : [{ code: 'noteRecipeKeysFell', args: { keys } }];
}

async function runAuto(
  args: Arguments,
  context: JobContext,
  interruption: Interruption,
): Promise<AutoReport> {
  // How much a recipe prunes is what the search finds out.
  const searched: readonly string[] = searchedKeys;
  const file = args.recipeFile === undefined ? {} : await readRecipe(args.recipeFile);
  const own = Object.fromEntries(Object.entries(file).filter(([key]) => !searched.includes(key)));
  interruption.resumes = (args.recipe.resume ?? file.resume) !== false;
  await checkPlaces(args);
  const recipe = recipeOver(own, args.recipe);
  const options = { ...recipe, ...args.search } as AutoOptions;
  const { auto } = await import('../jobs/auto.ts');
  const report = await auto({ ...placesOf(args), options, ...surroundings() }, context);
  return { ...report, notes: [...fallen(own, recipe), ...report.notes] };
}

/** What would fail at the end is found before anything is written. */
async function checkPlaces({ model, out = model, report, recipeOutput, force }: Arguments): Promise<void> {
  if (report !== undefined) await checkReport(report, force);
  if (recipeOutput !== undefined) await checkRecipePlace(recipeOutput, force);
  // Whoever was killed before could not do so.
  await sweepLeftovers(dirname(out));
}

function placesOf({ model: path, out, force }: Arguments) {
  return { path, force, ...(out !== undefined && { output: out }) };
}

async function runSensitivity(
  { model: path, recipe, recipeFile, report, force, levels }: Arguments,
  context: JobContext,
): Promise<SensitivityReport> {
  // Of a recipe counts what says by what weights are judged, and on what data.
  const file = recipeFile === undefined ? {} : await readRecipe(recipeFile);
  const keys: readonly string[] = [...dataKeys, ...judgingKeys];
  const own = Object.fromEntries(Object.entries(file).filter(([key]) => keys.includes(key))) as Recipe;
  if (report !== undefined) await checkReport(report, force);
  // Samples are what losses are measured on, whatever the criterion.
  const { samples: ownSamples, ...below } = own;
  const { samples = ownSamples, ...above } = recipe;
  const judging = recipeOver(below, above);
  const options = {
    ...judging,
    ...(samples !== undefined && { samples }),
    ...(levels && { levels }),
  } as SensitivityOptions;
  const { sensitivity } = await import('../jobs/sensitivity.ts');
  const found = await sensitivity({ path, options, ...surroundings() }, context);
  return { ...found, notes: [...fallen(below, judging), ...found.notes] };
}

/** Folders that the environment names. */
function surroundings(): Surroundings {
  const { LSTM_PRUNER_CHECKPOINTS: checkpoints, LSTM_PRUNER_TENSORFLOW: tensorflow } = process.env;
  return { ...(checkpoints && { checkpoints }), ...(tensorflow && { tensorflow }) };
}

/** The model is there by now, so a report or a recipe that cannot be written does not undo the command. */
async function writeBeside(
  { report: path, recipeOutput }: Arguments,
  format: ReportFormat | undefined,
  report: PruneReport | AutoReport,
  recipe: Recipe,
  reader: Reader,
): Promise<void> {
  const { output } = report;
  if (path !== undefined && format)
    await orSay('reportNotWritten', output, render({ report, format, path }, reader));
  if (recipeOutput !== undefined) await orSay('recipeNotWritten', output, saveRecipe(recipe, recipeOutput));
}

async function orSay(code: MessageCode, output: string, written: Promise<void>): Promise<void> {
  await written.catch((error: unknown) => {
    throw new UserError(code, { output }, messageOf(error));
  });
}

function reportFormat(path: string): ReportFormat {
  const formats: Record<string, ReportFormat> = { '.html': 'html', '.md': 'markdown', '.json': 'json' };
  const format = formats[extname(path).toLowerCase()];
  if (!format) throw new UserError('reportEnding', { file: path });
  return format;
}
