import * as vscode from 'vscode';
import type { DataOptions, EngineChoice } from '../../protocol/recipe.ts';
import type { Surroundings } from '../../protocol/requests.ts';
import type { OnProgress } from '../services/backgroundClient.ts';
import { type Choices, dataFor, withUsed } from '../services/choices.ts';
import { baseName } from '../services/fileKinds.ts';
import type { Services } from '../services/services.ts';
import { type DataDraft, dataStep } from './dataChoice.ts';
import { runClarified } from './dataQuestions.ts';
import { forEachModel } from './forEachModel.ts';
import { progressOf } from './jobProgress.ts';
import { targetsOf } from './modelTargets.ts';
import { runSteps } from './multiStep.ts';
import { pickModel } from './pickModel.ts';

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
  const targets = targetsOf(clicked, selected);
  const uri = targets?.[0] ?? (await pickModel(services, job.name));
  if (!uri) return;
  const last = services.choices.get();
  const draft: DataDraft = last.data ? { data: last.data } : {};
  const title = job.heading(baseName(uri));
  const steps = dataStep({ title, near: uri, draft, optional: () => false, step: 1, totalSteps: 1 });
  if (!(await runSteps(steps)) || !draft.data) return;
  let choices: Choices = { ...last, data: draft.data };
  await services.choices.set(choices);

  await forEachModel(services, targets ?? [uri], async (model) => {
    const data = dataFor(choices, model.fsPath);
    const used = data && (await runOne(services, job, model, data));
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
