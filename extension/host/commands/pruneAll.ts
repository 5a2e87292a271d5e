import * as vscode from 'vscode';
import type { DataOptions } from '../../protocol/recipe.ts';
import type { PruneReport } from '../../protocol/report.ts';
import { messageOf, UserError } from '../../protocol/userError.ts';
import { baseName } from '../services/fileKinds.ts';
import { stampOfModel } from '../services/modelFiles.ts';
import type { Services } from '../services/services.ts';
import { type ErrorAction, showError } from '../services/showMessage.ts';
import { runClarified } from './dataQuestions.ts';
import { progressOf, type Reporter } from './jobProgress.ts';
import { askToKeep } from './keepQuestion.ts';
import type { PruneSettings } from './settingsOfPrune.ts';
import { stoppableProgress } from './stoppableProgress.ts';
import { TrainingWatch } from './trainingWatch.ts';

/** One after another under one notification; a failure is shown and the next model follows, a cancel ends it all. */
export async function pruneAll(
  services: Services,
  targets: readonly vscode.Uri[],
  settings: PruneSettings,
): Promise<void> {
  const title =
    targets.length === 1
      ? vscode.l10n.t('Pruning {name}', { name: baseName(targets[0]) })
      : vscode.l10n.t('Pruning {count} models', { count: targets.length });
  const run = new PruneRun(services, targets, settings, title);
  await stoppableProgress(
    title,
    () => run.confirmCancel(),
    (reporter, token) => run.all(reporter, token),
  );
  for (const report of run.reports) await services.panels.showResult(report);
}

/** The models of one command, and what is known while they are pruned. */
class PruneRun {
  readonly reports: PruneReport[] = [];
  readonly #services: Services;
  readonly #targets: readonly vscode.Uri[];
  readonly #settings: PruneSettings;
  readonly #title: string;
  readonly #watch = new TrainingWatch();
  #current: vscode.Uri;
  /** Ends the fine-tuning of the model under way. */
  #finish = new vscode.CancellationTokenSource();

  constructor(services: Services, targets: readonly vscode.Uri[], settings: PruneSettings, title: string) {
    this.#services = services;
    this.#targets = targets;
    this.#settings = settings;
    this.#current = targets[0];
    this.#title = title;
  }

  /** Whether a cancel gives all up. While a model is fine-tuned, the user may want to keep what it has learnt. */
  async confirmCancel(): Promise<boolean> {
    if (!this.#watch.keepable) return true;
    const asked = this.#finish;
    const answer = await askToKeep(baseName(this.#current), this.#watch);
    // Of the model that was asked about: it may have ended with the question.
    if (answer === 'keep') asked.cancel();
    return answer === 'discard';
  }

  async all(reporter: Reporter, token: vscode.CancellationToken): Promise<void> {
    const { log } = this.#services;
    for (const [index, uri] of this.#targets.entries()) {
      if (token.isCancellationRequested) break;
      try {
        await this.#one(uri, progressOf(reporter, index, this.#targets.length, baseName(uri)), token);
      } catch (error) {
        const { code } = messageOf(error);
        if (code === 'cancelled') {
          if (this.reports.length > 0) break;
          void showError(this.#cancelled(), log);
          return;
        }
        void showError(error, log, ...(code === 'backgroundDied' ? this.#resuming(uri) : []));
        await this.#settings.failed?.(error);
      } finally {
        this.#watch.end();
      }
    }
    if (!token.isCancellationRequested || this.reports.length === this.#targets.length) return;
    const counts = { done: this.reports.length, count: this.#targets.length };
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Cancelled; {done} of {count} models were pruned before.', counts),
    );
  }

  async #one(
    uri: vscode.Uri,
    onProgress: ReturnType<typeof progressOf>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const { background, engines, inspections, jobs, log } = this.#services;
    this.#watch.start();
    const { choice, surroundings } = await engines.settingsFor(uri);
    this.#current = uri;
    // The report tells of the file as it was then.
    let stamp: string | undefined;
    const job = (options: DataOptions | undefined) =>
      jobs.run(uri, async () => {
        stamp = await stampOfModel(uri);
        this.#finish.dispose();
        this.#finish = new vscode.CancellationTokenSource();
        const recipe = { ...choice, ...this.#settings.recipeFor(uri, options) };
        const request = { path: uri.fsPath, recipe, ...surroundings };
        return background.prune(
          request,
          token,
          (progress) => {
            this.#watch.take(progress);
            onProgress(progress);
          },
          this.#finish.token,
        );
      });
    const data = this.#settings.dataFor(uri);
    const { result: report, data: used } = await runClarified(this.#title, data, job);
    if (used && used !== data) await this.#settings.used(uri, used);
    log.info(`${report.model} -> ${report.output}`);
    await inspections.record(uri, report.before, stamp);
    this.reports.push(report);
  }

  /** After an epoch a cancel leaves its checkpoint. */
  #cancelled(): UserError {
    return new UserError(this.#watch.trained ? 'cancelledPrune' : 'cancelled');
  }

  /** Where the process died after an epoch, the same job goes on from its checkpoint. */
  #resuming(uri: vscode.Uri): ErrorAction[] {
    if (!this.#watch.trained) return [];
    const resume = () => pruneAll(this.#services, [uri], this.#settings);
    return [{ title: vscode.l10n.t('Resume Fine-Tuning'), run: resume }];
  }
}
