import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { AutoReport } from '../../protocol/auto.ts';
import { inspectNotes } from '../../protocol/inspectNotes.ts';
import { type LabelName, type Labels, labels } from '../../protocol/labels.ts';
import type {
  ErrorContent,
  EvaluationContent,
  GatesContent,
  PanelContent,
  ResultContent,
  SearchContent,
  SensitivityContent,
} from '../../protocol/panel.ts';
import type { EvaluateReport, InspectReport, PruneReport } from '../../protocol/report.ts';
import type { SensitivityReport } from '../../protocol/sensitivity.ts';
import { messageOf } from '../../protocol/userError.ts';
import { say } from '../commands/words.ts';
import { localize } from '../services/showMessage.ts';

/** The page's words in the language of the window. */
export function localizedLabels(): Labels {
  const names = Object.keys(labels) as LabelName[];
  return Object.fromEntries(names.map((name) => [name, vscode.l10n.t(labels[name])])) as Labels;
}

export function gatesContent(path: string, report: InspectReport, focusLayer?: string): GatesContent {
  const content: GatesContent = {
    kind: 'gates',
    path,
    name: basename(path),
    report,
    notes: inspectNotes(report).map(localize),
  };
  return focusLayer === undefined ? content : { ...content, focusLayer };
}

export function resultContent(report: PruneReport): ResultContent {
  return {
    kind: 'result',
    report,
    modelName: basename(report.model),
    outputName: basename(report.output),
    places: {
      ...placesOf(report),
      ...(report.data && { data: vscode.workspace.asRelativePath(report.data.file) }),
    },
    notes: report.notes.map(localize),
    ...(report.shrink && { frozenReasons: report.shrink.frozen.map(({ reason }) => localize(reason)) }),
  };
}

export function evaluationContent(
  path: string,
  report: EvaluateReport,
  inspect: InspectReport | undefined,
): EvaluationContent {
  const content: EvaluationContent = {
    kind: 'evaluation',
    path,
    name: basename(path),
    report,
    notes: report.notes.map(localize),
  };
  return inspect ? { ...content, inspect } : content;
}

export function sensitivityContent(report: SensitivityReport): SensitivityContent {
  return {
    kind: 'sensitivity',
    path: report.model,
    name: basename(report.model),
    report,
    data: vscode.workspace.asRelativePath(report.data.file),
    notes: report.notes.map(localize),
  };
}

export function searchContent(report: AutoReport, inspect: SearchContent['inspect']): SearchContent {
  const failed = report.trials.flatMap(({ id, failure }) =>
    failure ? [say('failureOf', { trial: id, reason: localize(failure) })] : [],
  );
  return {
    kind: 'search',
    report,
    modelName: basename(report.model),
    outputName: basename(report.output),
    places: {
      ...placesOf(report),
      data: vscode.workspace.asRelativePath(report.data.file),
    },
    notes: [...failed, ...report.notes.map(localize)],
    ...(inspect && { inspect }),
  };
}

/** As people read it: from the workspace's folder on, where the files are in it. */
function placesOf({ output, model }: Pick<PruneReport, 'output' | 'model'>) {
  return {
    output: vscode.workspace.asRelativePath(output),
    model: vscode.workspace.asRelativePath(model),
  };
}

export function errorContent(path: string, error: unknown): ErrorContent {
  return { kind: 'error', path, name: basename(path), text: localize(messageOf(error)) };
}

/** The same, without the wish to focus a layer, which holds once. */
export function withoutFocus(content: PanelContent): PanelContent {
  if (!('focusLayer' in content)) return content;
  const { focusLayer: _, ...rest } = content;
  return rest;
}
