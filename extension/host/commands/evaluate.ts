import * as vscode from 'vscode';
import type { EvaluateReport } from '../../protocol/report.ts';
import type { Services } from '../services/services.ts';
import { type DataJob, runOnData } from './dataJob.ts';

/** Measures loss and metrics of a model on data that the user picks, and shows them in the panel. */
export async function evaluate(services: Services, clicked?: unknown, selected?: unknown): Promise<void> {
  const job: DataJob<EvaluateReport> = {
    name: vscode.l10n.t('Evaluate'),
    heading: (name) => vscode.l10n.t('Evaluate {name}', { name }),
    running: (name) => vscode.l10n.t('Evaluating {name}', { name }),
    run: ({ path, data, surroundings }, token, onProgress) =>
      services.background.evaluate({ path, data, ...surroundings }, token, onProgress),
    show: (path, report) => services.panels.showEvaluation(path, report),
  };
  await runOnData(services, job, clicked, selected);
}
