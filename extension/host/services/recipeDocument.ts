import * as vscode from 'vscode';
import type { Message, MessageCode } from '../../protocol/messages.ts';
import type { Recipe } from '../../protocol/recipe.ts';
import { parseRecipe } from '../../protocol/recipeFile.ts';
import { messageOf, UserError } from '../../protocol/userError.ts';
import { placeOfKey } from './jsonPlace.ts';

/** Reads a recipe as its editor shows it, saved or not. Throws UserError fileUnreadable or recipeInvalid. */
export async function readRecipe(uri: vscode.Uri): Promise<Recipe> {
  const { fsPath: file } = uri;
  let document: vscode.TextDocument;
  try {
    document = await vscode.workspace.openTextDocument(uri);
  } catch (error) {
    throw new UserError('fileUnreadable', { file, reason: (error as Error).message });
  }
  return parseRecipe(document.getText(), file);
}

/** Opens a recipe at the key that an error speaks of; does nothing where it speaks of something else. */
export async function showFault(uri: vscode.Uri, error: unknown): Promise<void> {
  const message = messageOf(error);
  const keys = keysOf(message);
  if (!keys && message.code !== 'recipeInvalid') return;
  const document = await vscode.workspace.openTextDocument(uri);
  const place = keys && placeOfKey(document.getText(), keys);
  const at = (offset: number) => document.positionAt(offset);
  const selection = place && new vscode.Range(at(place.offset), at(place.offset + place.length));
  await vscode.window.showTextDocument(document, { ...(selection && { selection }) });
}

/** The key of a recipe that a message names, or a path of keys. */
function keysOf({ code, args, cause }: Message): string[] | undefined {
  const named = (name: string) => (typeof args[name] === 'string' ? String(args[name]) : undefined);
  const own: Partial<Record<MessageCode, string[]>> = {
    lossUnknown: ['loss'],
    gateUnknown: ['gates', named('gate') ?? ''],
    nameUnknown: ['targets', named('name') ?? ''],
    nothingToPrune: ['exclude'],
    criterionNeedsData: ['criterion'],
    criterionNeedsGraph: ['criterion'],
    criterionNeedsTraining: ['criterion'],
    unitsFrozen: ['granularity'],
    unitsExcluded: ['exclude'],
    layersFixed: ['granularity'],
    layersUnknown: ['granularity'],
    layersExcluded: ['exclude'],
    layerFixed: ['targets'],
    layersAllGone: ['targets'],
    targetCuts: ['targets', named('name') ?? ''],
    shrinkUnsupported: ['shrink'],
    compressUnsupported: ['compress'],
  };
  // A switch is named by what puts it off, a target or a value by its key and a name: `gates i`.
  const option = named('option')?.replace(/^no-/, '').split(' ');
  const key = named('key');
  return own[code] ?? option ?? (key === undefined ? undefined : [key]) ?? (cause && keysOf(cause));
}
