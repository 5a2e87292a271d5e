import * as vscode from 'vscode';
import { descriptionEnding } from '../../protocol/modelDescription.ts';
import { modelEndings } from '../../protocol/modelEndings.ts';
import { recipeEnding } from '../../protocol/recipeFile.ts';

/** Endings of the data files that it evaluates on. */
export const dataEndings = ['.npz', '.csv', '.npy'] as const;

export function hasEnding(uri: vscode.Uri, endings: readonly string[]): boolean {
  const path = uri.path.toLowerCase();
  return endings.some((ending) => path.endsWith(ending));
}

/** Whether a file is a model by its name. */
export function isModel(uri: vscode.Uri): boolean {
  return hasEnding(uri, modelEndings) && !hasEnding(uri, [descriptionEnding]);
}

/** Whether a file is a recipe by its name. */
export function isRecipe(uri: vscode.Uri): boolean {
  return hasEnding(uri, [recipeEnding]);
}

/** A glob for findFiles that takes capitals and small letters alike; globs are case-sensitive where the file system is. */
export function globOf(endings: readonly string[]): string {
  const either = (letter: string) => `[${letter}${letter.toUpperCase()}]`;
  return `**/*{${endings.map((ending) => ending.replace(/[a-z]/g, either)).join(',')}}`;
}

/** The last part of the path. */
export function baseName(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}

/** The folder for people: as it is called in the workspace, and nothing for the workspace's own folder. */
export function folderOf(uri: vscode.Uri): string {
  const folder = vscode.Uri.joinPath(uri, '..');
  const isRoot = vscode.workspace.getWorkspaceFolder(uri)?.uri.toString() === folder.toString();
  return isRoot ? '' : vscode.workspace.asRelativePath(folder);
}

/** Scheme of the read-only documents that show a model's gates as text. */
export const gatesScheme = 'lstm-pruner-gates';
const gatesSuffix = '.gates';

/** The document that shows this model's gates as text. */
export function gatesUriOf(model: vscode.Uri): vscode.Uri {
  return model.with({ scheme: gatesScheme, path: model.path + gatesSuffix });
}

/** The model that a gates document shows; any other URI is returned as it is. */
export function modelUriOf(uri: vscode.Uri): vscode.Uri {
  return uri.scheme === gatesScheme
    ? uri.with({ scheme: 'file', path: uri.path.slice(0, -gatesSuffix.length) })
    : uri;
}
