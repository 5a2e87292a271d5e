import * as vscode from 'vscode';
import { layersAssumption } from '../../protocol/layersAssumption.ts';
import { descriptionText, parseDescription } from '../../protocol/modelDescription.ts';
import type { PanelContent } from '../../protocol/panel.ts';
import { stampOf } from '../services/fileStamp.ts';

/** Writes what is taken for granted of the model's layers into the file where it counts, unless somebody has by now, and opens it. */
export async function correctLayers(content: PanelContent): Promise<void> {
  const assumed = content.kind === 'gates' ? layersAssumption(content.report) : undefined;
  if (!assumed) throw new TypeError(`Nothing is taken for granted on this page of ${content.kind}.`);
  const { file, layers } = assumed.args as { file: string; layers: string };
  const uri = vscode.Uri.file(file);
  if ((await stampOf(uri)) === undefined) {
    const text = descriptionText(parseDescription(layers, file));
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  }
  await vscode.window.showTextDocument(uri);
}
