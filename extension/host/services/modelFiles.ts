import * as vscode from 'vscode';
import { descriptionFiles } from '../../protocol/modelDescription.ts';
import { listEndings, longestEnding } from '../../protocol/modelEndings.ts';
import { stampOf } from './fileStamp.ts';

/** The files that say what a model is, all in one folder: its own, and where a file may say how its layers follow each other. */
export function filesOfModel(model: vscode.Uri): readonly vscode.Uri[] {
  const ending = longestEnding(model.fsPath, listEndings);
  if (ending === undefined) return [model];
  return [model, ...descriptionFiles(model.fsPath.slice(0, -ending.length)).map(vscode.Uri.file)];
}

/** Tells whether a model is as it was; undefined where there is no file of it. */
export async function stampOfModel(model: vscode.Uri): Promise<string | undefined> {
  const [own, ...others] = await Promise.all(filesOfModel(model).map(stampOf));
  return own && [own, ...others].join();
}
