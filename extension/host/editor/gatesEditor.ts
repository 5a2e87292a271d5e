import * as vscode from 'vscode';
import type { PanelContent } from '../../protocol/panel.ts';
import { errorContent, gatesContent } from '../panel/contents.ts';
import type { PageServices } from '../panel/pageActions.ts';
import { type PageContext, PageSession } from '../panel/pageSession.ts';
import { pageContextOf } from '../panel/panels.ts';
import type { Inspections } from '../services/inspections.ts';
import { watchFile } from './watchFile.ts';

/** `.keras` opens in the first; `.h5` can be opened in the second, since other extensions own that type. */
export const editorViewTypes = ['lstmPruner.gates', 'lstmPruner.gatesOptional'] as const;

export interface EditorServices extends PageServices {
  readonly inspections: Pick<Inspections, 'inspect'>;
}

/** Shows the gates of a model file instead of its bytes; read-only, and up to date with the file. */
class GatesEditor implements vscode.CustomReadonlyEditorProvider {
  readonly #inspections: EditorServices['inspections'];
  readonly #page: PageContext;

  constructor(inspections: EditorServices['inspections'], page: PageContext) {
    this.#inspections = inspections;
    this.#page = page;
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => {} };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const session = new PageSession(panel.webview, this.#read(uri), this.#page);
    let latest = 0;
    const watching = watchFile(uri, async () => {
      const turn = ++latest;
      const content = await this.#read(uri);
      if (turn === latest) await session.show(content);
    });
    panel.onDidDispose(() => {
      latest = -1;
      watching.dispose();
      session.dispose();
    });
  }

  async #read(uri: vscode.Uri): Promise<PanelContent> {
    try {
      return gatesContent(uri.fsPath, await this.#inspections.inspect(uri));
    } catch (error) {
      return errorContent(uri.fsPath, error);
    }
  }
}

/** The read-only editors of model files. */
export function registerEditor(context: vscode.ExtensionContext, services: EditorServices): void {
  const provider = new GatesEditor(services.inspections, pageContextOf(context, services));
  for (const viewType of editorViewTypes) {
    context.subscriptions.push(
      vscode.window.registerCustomEditorProvider(viewType, provider, {
        supportsMultipleEditorsPerDocument: true,
        webviewOptions: { enableFindWidget: true },
      }),
    );
  }
}
