import * as vscode from 'vscode';
import type { AutoReport } from '../../protocol/auto.ts';
import { numbersFor } from '../../protocol/numbers.ts';
import type { DataOptions } from '../../protocol/recipe.ts';
import { messageOf, UserError } from '../../protocol/userError.ts';
import type { Searching } from '../services/choices.ts';
import { baseName } from '../services/fileKinds.ts';
import type { Services } from '../services/services.ts';
import { runClarified } from './dataQuestions.ts';
import { progressOf } from './jobProgress.ts';
import { SearchWatch } from './searchWatch.ts';
import { compressionFor } from './settingsOfPrune.ts';
import { stoppableProgress } from './stoppableProgress.ts';
import { askToStop, type StopAnswer } from './stopQuestion.ts';

/**
 * Searches for the smallest model of one file and shows what was tried. A cancel asks, once a trial is within the budget, whether to keep
 * it. Returns the data options that it succeeded with. Throws UserError `cancelledSearch` where trials are kept for the next time.
 */
export async function searchOne(
  services: Services,
  model: vscode.Uri,
  chosen: DataOptions,
  settings: Searching,
): Promise<DataOptions> {
  const name = baseName(model);
  const title = vscode.l10n.t('Searching for the smallest model of {name}', { name });
  const { result, data } = await runClarified(title, chosen, (data) =>
    services.jobs.run(model, () => search(services, model, title, data, settings)),
  );
  services.log.info(`${result.model} -> ${result.output}`);
  await services.panels.showSearch(result);
  return data;
}

async function search(
  { background, engines }: Services,
  model: vscode.Uri,
  title: string,
  data: DataOptions,
  settings: Searching,
): Promise<AutoReport> {
  const name = baseName(model);
  const { choice, surroundings } = await engines.settingsFor(model);
  const options = { ...data, ...settings, ...choice, ...compressionFor(model) };
  const request = { path: model.fsPath, options, ...surroundings };
  const watch = new SearchWatch();
  const finish = new vscode.CancellationTokenSource();
  const confirm = async () => {
    const answer = watch.best ? await askToKeepBest(name, watch) : 'discard';
    if (answer === 'keep') finish.cancel();
    return answer === 'discard';
  };
  try {
    return await stoppableProgress(title, confirm, (reporter, token) => {
      const show = progressOf(reporter, 0, 1, name);
      return background.auto(
        request,
        token,
        (progress) => {
          watch.take(progress);
          show(progress);
        },
        finish.token,
      );
    });
  } catch (error) {
    if (messageOf(error).code !== 'cancelled' || watch.done === 0) throw error;
    throw new UserError('cancelledSearch', { count: watch.done });
  } finally {
    watch.end();
    finish.dispose();
  }
}

/** Asks what becomes of a search that the user wants to end; see `askToStop`. */
function askToKeepBest(name: string, watch: SearchWatch): Promise<StopAnswer> {
  return askToStop({
    title: vscode.l10n.t('Stop searching for the smallest model of {name}?', { name }),
    describe: {
      keep: vscode.l10n.t('write the smallest model so far'),
      discard: vscode.l10n.t('cancel; nothing is written'),
      continue: vscode.l10n.t('go on with the search'),
    },
    text: () => watch.best && questionOf(watch.best),
    watch,
  });
}

function questionOf({ trial, sparsity }: NonNullable<SearchWatch['best']>): string {
  const share = numbersFor(vscode.env.language).percent(sparsity);
  return vscode.l10n.t('Keep the smallest model so far (trial {trial}, {share} zero)?', { trial, share });
}
