import * as vscode from 'vscode';
import { recipeEnding } from '../../protocol/recipeFile.ts';

/** Endings of the model files that the extension opens. */
export const modelExtensions = ['.h5', '.hdf5', '.keras'] as const;
/** Endings of the data files that it evaluates on. */
export const dataExtensions = ['.npz', '.csv', '.npy'] as const;

export function hasExtension(uri: vscode.Uri, extensions: readonly string[]): boolean {
  const path = uri.path.toLowerCase();
  return extensions.some((extension) => path.endsWith(extension));
}

/** Whether a file is a recipe by its name. */
export function isRecipe(uri: vscode.Uri): boolean {
  return hasExtension(uri, [recipeEnding]);
}

/** A glob for findFiles that takes capitals and small letters alike; globs are case-sensitive where the file system is. */
export function globOf(extensions: readonly string[]): string {
  const either = (letter: string) => `[${letter}${letter.toUpperCase()}]`;
  const endings = extensions.map((extension) => extension.slice(1).replace(/[a-z]/g, either));
  return `**/*.{${endings.join(',')}}`;
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
