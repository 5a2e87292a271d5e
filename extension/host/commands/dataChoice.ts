import * as vscode from 'vscode';
import type { DataOptions } from '../../protocol/recipe.ts';
import { sourceOf } from '../services/choices.ts';
import { baseName, dataEndings, folderOf, globOf, hasEnding } from '../services/fileKinds.ts';
import { excludedFolders } from '../services/modelSearch.ts';
import { columnSteps } from './csvColumns.ts';
import { type Choice, outcomeOf, pick, type Step } from './multiStep.ts';

/** Data files offered; more can be browsed for. */
const offered = 200;

export interface DataDraft {
  /** Absent: no data. */
  data?: DataOptions;
}

interface DataStepOptions {
  readonly title: string;
  /** The model; files beside it are offered first. */
  readonly near: vscode.Uri;
  readonly draft: DataDraft;
  /** Whether "No data" can be chosen. */
  readonly optional: () => boolean;
  readonly step: number;
  readonly totalSteps: number;
}

type Source = { file: vscode.Uri } | 'browse' | 'none';

/** The steps that ask for a data file, and for what its kind needs. What was chosen before for the same file is kept. */
export function dataStep(options: DataStepOptions): Step[] {
  const { title, draft } = options;
  return [
    (canGoBack) => sourceStep(options, canGoBack),
    (canGoBack) => targetsStep(options, canGoBack),
    ...columnSteps(title, draft),
  ];
}

async function sourceStep(
  { title, near, draft, optional, step, totalSteps }: DataStepOptions,
  canGoBack: boolean,
) {
  const items: Choice<Source>[] = [];
  if (optional()) {
    items.push({
      label: vscode.l10n.t('No data'),
      description: vscode.l10n.t('prune without measuring the loss or fine-tuning'),
      iconPath: new vscode.ThemeIcon('circle-slash'),
      value: 'none',
    });
  }
  for (const file of await dataFiles(near)) items.push(fileItem(file));
  const last = draft.data && sourceOf(draft.data);
  let active = items.find(({ value }) => isFile(value) && value.file.fsPath === last);
  if (!active && last && (await exists(last))) {
    active = fileItem(vscode.Uri.file(last));
    items.push(active);
  }
  items.push(browseItem());
  const answer = await pick<Source>({
    title,
    step,
    totalSteps,
    canGoBack,
    placeholder: vscode.l10n.t('Data to measure the loss on (.npz, .csv or .npy)'),
    items,
    active,
  });
  if (typeof answer === 'object' && answer.value === 'browse') {
    const file = await browse(title, vscode.l10n.t('Data files'));
    if (!file) return 'dismissed';
    choose(draft, file);
    return 'next';
  }
  return outcomeOf(answer, (source) => {
    if (isFile(source)) choose(draft, source.file);
    else delete draft.data;
  });
}

function browseItem(): Choice<Source> {
  return {
    label: vscode.l10n.t('Browse…'),
    iconPath: new vscode.ThemeIcon('folder-opened'),
    value: 'browse',
  };
}

/** Inputs in one .npy need the targets in another. */
async function targetsStep({ title, near, draft }: DataStepOptions, canGoBack: boolean) {
  const { data } = draft;
  if (data?.x === undefined || data.data !== undefined) return 'passed';
  const x = data.x;
  const arrays = (await dataFiles(near)).filter((file) => hasEnding(file, ['.npy']) && file.fsPath !== x);
  const items: Choice<Source>[] = arrays.map(fileItem);
  items.push(browseItem());
  const answer = await pick<Source>({
    title,
    canGoBack,
    placeholder: vscode.l10n.t('The targets that belong to {file} (.npy)', {
      file: baseName(vscode.Uri.file(x)),
    }),
    items,
    active: items.find(({ value }) => isFile(value) && value.file.fsPath === data.y),
  });
  if (typeof answer === 'object' && answer.value === 'browse') {
    const file = await browse(title, vscode.l10n.t('Data files'));
    if (!file) return 'dismissed';
    data.y = file.fsPath;
    return 'next';
  }
  return outcomeOf(answer, (source) => {
    if (isFile(source)) data.y = source.file.fsPath;
  });
}

function choose(draft: DataDraft, file: vscode.Uri): void {
  const path = file.fsPath;
  if (draft.data && sourceOf(draft.data) === path) {
    draft.data = { ...draft.data };
    return;
  }
  draft.data = hasEnding(file, ['.npy']) ? { x: path } : { data: path };
}

async function dataFiles(near: vscode.Uri): Promise<vscode.Uri[]> {
  const files = await vscode.workspace.findFiles(globOf(dataEndings), excludedFolders, offered);
  const folder = vscode.Uri.joinPath(near, '..').path;
  return files.sort((a, b) => shared(b, folder) - shared(a, folder) || a.path.localeCompare(b.path));
}

/** How many leading folders a file has in common with this one. */
function shared(file: vscode.Uri, folder: string): number {
  const parts = folder.split('/');
  const own = vscode.Uri.joinPath(file, '..').path.split('/');
  const differs = parts.findIndex((part, i) => part !== own[i]);
  return differs < 0 ? parts.length * 2 - own.length : differs * 2 - own.length;
}

function fileItem(file: vscode.Uri): Choice<Source> {
  return {
    label: baseName(file),
    description: folderOf(file),
    iconPath: new vscode.ThemeIcon('database'),
    value: { file },
  };
}

function isFile(source: Source | undefined): source is { file: vscode.Uri } {
  return typeof source === 'object';
}

async function browse(title: string, label: string): Promise<vscode.Uri | undefined> {
  const filters = { [label]: dataEndings.map((extension) => extension.slice(1)) };
  return (await vscode.window.showOpenDialog({ title, filters }))?.[0];
}

async function exists(path: string): Promise<boolean> {
  return vscode.workspace.fs.stat(vscode.Uri.file(path)).then(
    () => true,
    () => false,
  );
}
