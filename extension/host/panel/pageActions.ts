import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import type { PanelContent } from '../../protocol/panel.ts';
import type { Recipe } from '../../protocol/recipe.ts';
import { recipeEnding, recipeText } from '../../protocol/recipeFile.ts';
import type { RenderRequest, ReportFormat } from '../../protocol/requests.ts';
import { UserError } from '../../protocol/userError.ts';
import type { CommandId } from '../commands/commandIds.ts';
import { baseName } from '../services/fileKinds.ts';
import { stampOf } from '../services/fileStamp.ts';
import { showReport } from './showReport.ts';

/** What the page's buttons need: whoever writes report files, and a folder of our own for those that are only looked at. */
export interface PageServices {
  readonly background: { render(request: RenderRequest): Promise<void> };
  readonly log: vscode.LogOutputChannel;
}

export interface ActionContext extends PageServices {
  /** Of the extension, writable. */
  readonly storage: vscode.Uri;
}

const formats: Record<string, ReportFormat> = { html: 'html', htm: 'html', md: 'markdown', json: 'json' };

/** Shows the pruned file in the explorer, or in the system's file manager where it is outside the workspace. */
export async function revealOutput(content: PanelContent): Promise<void> {
  const output = vscode.Uri.file(writtenBy(content).output);
  await mustExist(output);
  const inside = vscode.workspace.getWorkspaceFolder(output) !== undefined;
  await vscode.commands.executeCommand(inside ? 'revealInExplorer' : 'revealFileInOS', output);
}

/** Renders the report as HTML and shows it. */
export async function openReport(
  content: PanelContent,
  { background, storage }: ActionContext,
): Promise<void> {
  const { report, file, stem } = reportOf(content);
  // Models in different folders often have one name; each has a folder for its reports.
  const place = createHash('sha256').update(file).digest('hex').slice(0, 16);
  const folder = vscode.Uri.joinPath(storage, 'reports', place);
  await vscode.workspace.fs.createDirectory(folder);
  const page = vscode.Uri.joinPath(folder, `${stem}.html`);
  await background.render({ report, format: 'html', path: page.fsPath });
  await showReport(page);
}

/** Asks where to, and writes the report there in the format of the name's ending. */
export async function saveReport(content: PanelContent, { background }: ActionContext): Promise<void> {
  const { report, file, stem } = reportOf(content);
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Save Report'),
    defaultUri: vscode.Uri.joinPath(vscode.Uri.file(file), '..', `${stem}.html`),
    filters: { HTML: ['html'], Markdown: ['md'], JSON: ['json'] },
  });
  if (!target) return;
  const extension = baseName(target).split('.').at(-1)?.toLowerCase() ?? '';
  const format = Object.hasOwn(formats, extension) ? formats[extension] : 'html';
  await background.render({ report, format, path: target.fsPath });
  const open = vscode.l10n.t('Open');
  const saved = vscode.l10n.t('The report was saved to {file}.', { file: baseName(target) });
  void vscode.window.showInformationMessage(saved, open).then((chosen) => {
    if (chosen === open)
      void (format === 'html' ? showReport(target) : vscode.window.showTextDocument(target));
  });
}

/** Asks where to, and writes the recipe that gives the result again. */
export async function saveRecipe(content: PanelContent): Promise<void> {
  if (content.kind !== 'result') throw notOf(content);
  await writeRecipe(content.report.recipe, content.report.model);
}

/** The same of a trial. */
export async function saveTrialRecipe(content: PanelContent, trial: number): Promise<void> {
  if (content.kind !== 'search') throw notOf(content);
  const found = content.report.trials.find(({ id }) => id === trial);
  if (!found) throw new RangeError(`There is no trial ${trial}.`);
  await writeRecipe(found.recipe, content.report.model);
}

async function writeRecipe(recipe: Recipe, model: string): Promise<void> {
  const name = `${stemOf(model)}${recipeEnding}`;
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Save Recipe'),
    defaultUri: vscode.Uri.joinPath(vscode.Uri.file(model), '..', name),
    filters: { [vscode.l10n.t('Recipes')]: ['json'] },
  });
  if (!target) return;
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(recipeText(recipe, target.fsPath)));
  const open = vscode.l10n.t('Open');
  const saved = vscode.l10n.t('The recipe was saved to {file}.', { file: baseName(target) });
  void vscode.window.showInformationMessage(saved, open).then((chosen) => {
    if (chosen === open) void vscode.window.showTextDocument(target);
  });
}

/** Runs one of our commands on the file that the page is about, or on the pruned one. */
export async function runOn(
  command: CommandId,
  content: PanelContent,
  file: 'model' | 'output',
): Promise<void> {
  const uri = vscode.Uri.file(pathOf(content, file));
  await mustExist(uri);
  await vscode.commands.executeCommand(command, uri);
}

function pathOf(content: PanelContent, file: 'model' | 'output'): string {
  if (content.kind === 'error' || (content.kind === 'gates' && content.snapshot))
    throw new UserError('notOnDisk', { file: content.name });
  if (content.kind === 'result' || content.kind === 'search') return content.report[file];
  return content.path;
}

/** The report of a job that has written a model. */
function writtenBy(content: PanelContent) {
  if (content.kind !== 'result' && content.kind !== 'search') throw notOf(content);
  return content.report;
}

function notOf({ kind }: PanelContent): TypeError {
  return new TypeError(`A page of ${kind} has no such action.`);
}

/** What a page tells of as a report, the file that it is about, and what its reports are called by. */
function reportOf(content: PanelContent): { report: RenderRequest['report']; file: string; stem: string } {
  if (content.kind === 'sensitivity')
    return { report: content.report, file: content.path, stem: `${stemOf(content.path)}.sensitivity` };
  const report = writtenBy(content);
  return { report, file: report.output, stem: stemOf(report.output) };
}

/** A file's name without its ending. */
function stemOf(path: string): string {
  return baseName(vscode.Uri.file(path)).replace(/\.[^.]*$/, '');
}

async function mustExist(uri: vscode.Uri): Promise<void> {
  if ((await stampOf(uri)) === undefined) throw new UserError('fileNotFound', { file: baseName(uri) });
}
