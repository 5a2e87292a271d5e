import type * as vscode from 'vscode';
import type { AutoReport } from '../../protocol/auto.ts';
import type { EvaluateReport, InspectReport, PruneReport } from '../../protocol/report.ts';
import type { SensitivityReport } from '../../protocol/sensitivity.ts';
import type { BackgroundClient } from './backgroundClient.ts';
import type { RememberedChoices } from './choices.ts';
import type { Engines } from './engines.ts';
import type { Inspections } from './inspections.ts';
import type { ModelSearch } from './modelSearch.ts';
import type { RunningJobs } from './runningJobs.ts';

/** Opens the panel on what a job found. */
export interface Panels {
  showResult(report: PruneReport): void | Promise<void>;
  /** `focusLayer` is the name of the layer to scroll to. */
  showGates(path: string, report: InspectReport, focusLayer?: string): void | Promise<void>;
  showEvaluation(path: string, report: EvaluateReport): void | Promise<void>;
  showSearch(report: AutoReport): void | Promise<void>;
  showSensitivity(report: SensitivityReport): void | Promise<void>;
}

/** What commands, editors and diagnostics share. */
export interface Services {
  readonly log: vscode.LogOutputChannel;
  readonly background: BackgroundClient;
  readonly inspections: Inspections;
  readonly models: ModelSearch;
  readonly choices: RememberedChoices;
  readonly jobs: RunningJobs;
  readonly engines: Engines;
  readonly panels: Panels;
}
