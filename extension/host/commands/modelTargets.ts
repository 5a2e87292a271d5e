import * as vscode from 'vscode';
import { UserError } from '../../protocol/userError.ts';
import { baseName, gatesScheme, isModel, modelUriOf } from '../services/fileKinds.ts';

/**
 * The model files that a command was called on: `(clicked, all selected)` from the explorer, `(uri)` from an editor's title or a quick
 * fix, nothing from the palette. Undefined: the user has to choose. Throws UserError where files were named, but no model of this disk.
 */
export function targetsOf(clicked: unknown, selected: unknown): vscode.Uri[] | undefined {
  const named = Array.isArray(selected) && selected.length > 0 ? selected : [clicked];
  const uris = named.filter((uri) => uri instanceof vscode.Uri).map(modelUriOf);
  if (uris.length === 0) return undefined;
  const models = uris.filter((uri) => isModel(uri));
  if (models.length === 0) throw new UserError('formatUnknown', { file: baseName(uris[0]) });
  // One side of a comparison has the path of the working file, which is not what is shown.
  const files = models.filter(({ scheme }) => scheme === 'file');
  if (files.length === 0) throw new UserError('notOnDisk', { file: baseName(models[0]) });
  return files;
}

/** The model that the active editor shows, as a file, a custom editor or as text. */
export function activeModel(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (!(input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom)) return undefined;
  if (input.uri.scheme === gatesScheme) return modelUriOf(input.uri);
  return input.uri.scheme === 'file' && isModel(input.uri) ? input.uri : undefined;
}
