import * as vscode from 'vscode';
import { recipeEnding } from '../../protocol/recipeFile.ts';
import { baseName, folderOf, globOf } from '../services/fileKinds.ts';
import { excludedFolders } from '../services/modelSearch.ts';
import { type Choice, pick } from './multiStep.ts';

/** Recipe files offered; more can be browsed for. */
const offered = 200;

/** Lets the user choose a recipe file of the workspace, the one in the active editor first. Undefined when dismissed. */
export async function pickRecipe(title: string): Promise<vscode.Uri | undefined> {
  const active = vscode.window.activeTextEditor?.document.uri.toString();
  const rank = (uri: vscode.Uri) => (uri.toString() === active ? 0 : 1);
  const files = await vscode.workspace.findFiles(globOf([recipeEnding]), excludedFolders, offered);
  files.sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
  const items: Choice<vscode.Uri | 'browse'>[] = [
    ...files.map((uri) => ({
      label: baseName(uri),
      description: folderOf(uri),
      iconPath: new vscode.ThemeIcon('json'),
      value: uri,
    })),
    {
      label: vscode.l10n.t('Browse…'),
      iconPath: new vscode.ThemeIcon('folder-opened'),
      value: 'browse',
    },
  ];
  const answer = await pick<vscode.Uri | 'browse'>({
    title,
    canGoBack: false,
    placeholder:
      files.length > 0
        ? vscode.l10n.t('Choose a recipe')
        : vscode.l10n.t('There is no .lstmprune.json file here. Browse for one, or save one from a result.'),
    items,
  });
  if (typeof answer !== 'object') return undefined;
  return answer.value === 'browse' ? browse(title) : answer.value;
}

async function browse(title: string): Promise<vscode.Uri | undefined> {
  const filters = { [vscode.l10n.t('Recipes')]: ['json'] };
  return (await vscode.window.showOpenDialog({ title, filters }))?.[0];
}
