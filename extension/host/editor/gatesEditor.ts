import * as vscode from 'vscode';
import type { PanelContent } from '../../protocol/panel.ts';
import { errorContent, gatesContent } from '../panel/contents.ts';
import type { PageServices } from '../panel/pageActions.ts';
import { type PageContext, PageSession } from '../panel/pageSession.ts';
import { pageContextOf } from '../panel/panels.ts';
import type { BackgroundClient } from '../services/backgroundClient.ts';
import type { Inspections } from '../services/inspections.ts';
import { snapshotContent } from './snapshot.ts';

/** `.keras` opens in the first; others can be opened in the second, since they may be of other extensions, or no models. */
const editorViewTypes = ['lstmPruner.gates', 'lstmPruner.gatesOptional'] as const;

export interface EditorServices extends PageServices {
  readonly background: PageServices['background'] & Pick<BackgroundClient, 'inspect'>;
  readonly inspections: Pick<Inspections, 'inspect' | 'hold' | 'onDidChange'>;
}

/** Shows the gates of a model file instead of its bytes; read-only, and up to date with the file. */
class GatesEditor implements vscode.CustomReadonlyEditorProvider {
  readonly #services: EditorServices;
  readonly #page: PageContext;

  constructor(services: EditorServices, page: PageContext) {
    this.#services = services;
    this.#page = page;
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => {} };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const session = new PageSession(panel.webview, this.#read(uri), this.#page);
    const shown = uri.scheme === 'file' ? this.#follow(uri, session) : session;
    panel.onDidDispose(() => shown.dispose());
  }

  /** Shows the file anew whenever it changes, until disposed. */
  #follow(uri: vscode.Uri, session: PageSession): vscode.Disposable {
    const { inspections } = this.#services;
    let latest = 0;
    const listening = inspections.onDidChange(async (changed) => {
      if (changed.toString() !== uri.toString()) return;
      const turn = ++latest;
      const content = await this.#read(uri);
      if (turn === latest) await session.show(content);
    });
    const stop = new vscode.Disposable(() => {
      latest = -1;
    });
    return vscode.Disposable.from(stop, listening, inspections.hold(uri), session);
  }

  async #read(uri: vscode.Uri): Promise<PanelContent> {
    const { inspections, background } = this.#services;
    // What a comparison shows beside the file has the file's path, but other bytes.
    if (uri.scheme !== 'file') return snapshotContent(uri, background);
    try {
      return gatesContent(uri.fsPath, await inspections.inspect(uri));
    } catch (error) {
      return errorContent(uri.fsPath, error);
    }
  }
}

/** The read-only editors of model files. */
export function registerEditor(context: vscode.ExtensionContext, services: EditorServices): void {
  const provider = new GatesEditor(services, pageContextOf(context, services));
  for (const viewType of editorViewTypes) {
    context.subscriptions.push(
      vscode.window.registerCustomEditorProvider(viewType, provider, {
        supportsMultipleEditorsPerDocument: true,
        webviewOptions: { enableFindWidget: true },
      }),
    );
  }
}
