import * as vscode from 'vscode';
import type { SensitivityReport } from '../../protocol/sensitivity.ts';
import type { Services } from '../services/services.ts';
import { type DataJob, runOnData } from './dataJob.ts';

/** Measures what pruning each gate alone costs on data that the user picks, and shows it in a panel. */
export async function analyzeSensitivity(
  services: Services,
  clicked?: unknown,
  selected?: unknown,
): Promise<void> {
  const job: DataJob<SensitivityReport> = {
    name: vscode.l10n.t('Analyze Sensitivity'),
    heading: (name) => vscode.l10n.t('Analyze the sensitivity of {name}', { name }),
    running: (name) => vscode.l10n.t('Analyzing the sensitivity of {name}', { name }),
    run: ({ path, data, surroundings }, token, onProgress) =>
      services.background.sensitivity({ path, options: data, ...surroundings }, token, onProgress),
    show: (_, report) => services.panels.showSensitivity(report),
  };
  await runOnData(services, job, clicked, selected);
}
