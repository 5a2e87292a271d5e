import * as vscode from 'vscode';
import type { DataOptions, EngineChoice } from '../../protocol/recipe.ts';
import type { Surroundings } from '../../protocol/requests.ts';
import type { OnProgress } from '../services/backgroundClient.ts';
import { type Choices, dataFor, withUsed } from '../services/choices.ts';
import { baseName } from '../services/fileKinds.ts';
import type { Services } from '../services/services.ts';
import { dataStep } from './dataChoice.ts';
import { runClarified } from './dataQuestions.ts';
import { forEachModel } from './forEachModel.ts';
import { progressOf } from './jobProgress.ts';
import { runSteps } from './multiStep.ts';
import { modelsFor } from './pickModel.ts';

/** A job that measures a model on data and writes no model. */
export interface DataJob<R> {
  /** What it is called where the model is not known yet. */
  readonly name: string;
  /** Above the questions. @param name of the model's file */
  heading(name: string): string;
  /** Above its progress. */
  running(name: string): string;
  run(task: DataTask, token: vscode.CancellationToken, onProgress: OnProgress): Promise<R>;
  show(path: string, result: R): void | Promise<void>;
}

export interface DataTask {
  readonly path: string;
  readonly data: DataOptions & EngineChoice;
  readonly surroundings: Surroundings;
}

/** Runs the job on the models a command was called on, or on one that the user picks, with data that the user picks for all of them. */
export async function runOnData<R>(
  services: Services,
  job: DataJob<R>,
  clicked?: unknown,
  selected?: unknown,
): Promise<void> {
  const models = await modelsFor(services, job.name, clicked, selected);
  if (!models) return;
  const draft = services.choices.get();
  const title = job.heading(baseName(models[0]));
  const steps = dataStep({ title, near: models[0], draft, optional: () => false, step: 1, totalSteps: 1 });
  if (!(await runSteps(steps))) return;
  await forEachOnData(services, models, draft, (model, data) => runOne(services, job, model, data));
}

/** Runs work on one model after another with the data that was chosen for all of them, and remembers what was chosen. */
export async function forEachOnData(
  services: Services,
  models: readonly vscode.Uri[],
  chosen: Choices,
  /** Returns the data options that it succeeded with. */
  work: (model: vscode.Uri, data: DataOptions) => Promise<DataOptions>,
): Promise<void> {
  let choices = chosen;
  await services.choices.set(choices);
  await forEachModel(services, models, async (model) => {
    const data = dataFor(choices, model.fsPath);
    const used = data && (await work(model, data));
    if (!used || used === data) return;
    choices = withUsed(choices, model.fsPath, used);
    await services.choices.set(choices);
  });
}

/** Returns the data options that it succeeded with. */
async function runOne<R>(
  services: Services,
  job: DataJob<R>,
  model: vscode.Uri,
  data: DataOptions,
): Promise<DataOptions> {
  const path = model.fsPath;
  const title = job.running(baseName(model));
  const { choice, surroundings } = await services.engines.settingsFor(model);
  const run = async (options: DataOptions) =>
    vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (reporter, token) => {
        const task = { path, data: { ...options, ...choice }, surroundings };
        return job.run(task, token, progressOf(reporter, 0, 1, baseName(model)));
      },
    );
  const { result, data: used } = await runClarified(title, data, run);
  await job.show(path, result);
  return used;
}
