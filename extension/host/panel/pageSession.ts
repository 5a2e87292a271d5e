import * as vscode from 'vscode';
import { type MessageConnection, ResponseError } from 'vscode-jsonrpc/node';
import {
  analyzeSensitivityRequest,
  contentNotification,
  correctLayersRequest,
  findSmallestRequest,
  focusedNotification,
  openFileRequest,
  openReportRequest,
  type PanelContent,
  pruneModelRequest,
  readyRequest,
  revealOutputRequest,
  saveRecipeRequest,
  saveReportRequest,
  saveTrialRecipeRequest,
  showGatesAsTextRequest,
} from '../../protocol/panel.ts';
import { messageOf } from '../../protocol/userError.ts';
import { localize } from '../services/showMessage.ts';
import { localizedLabels, withoutFocus } from './contents.ts';
import { correctLayers } from './correctLayers.ts';
import {
  type ActionContext,
  openReport,
  revealOutput,
  runOn,
  saveRecipe,
  saveReport,
  saveTrialRecipe,
} from './pageActions.ts';
import { pageHtml, pageRoot } from './pageHtml.ts';
import { connectToPage } from './webviewConnection.ts';

export interface PageContext extends ActionContext {
  readonly extension: vscode.Uri;
}

/** One page in one webview: answers its requests, and tells it when there is something else to show. */
export class PageSession implements vscode.Disposable {
  readonly #context: PageContext;
  readonly #connection: MessageConnection;
  #content: Promise<PanelContent>;

  /** The content may still be on its way; it never rejects. */
  constructor(webview: vscode.Webview, content: PanelContent | Promise<PanelContent>, context: PageContext) {
    this.#context = context;
    this.#content = Promise.resolve(content);
    this.#connection = connectToPage(webview);
    this.#serve();
    webview.options = { enableScripts: true, localResourceRoots: [pageRoot(context.extension)] };
    webview.html = pageHtml(webview, context.extension);
  }

  /** Shows this instead. */
  async show(content: PanelContent): Promise<void> {
    this.#content = Promise.resolve(content);
    await this.#connection.sendNotification(contentNotification, content);
  }

  dispose(): void {
    this.#connection.dispose();
  }

  #serve(): void {
    const connection = this.#connection;
    connection.onRequest(readyRequest, async () => {
      let asked: Promise<PanelContent>;
      let content: PanelContent;
      // What is shown meanwhile finds a page that is not ready yet, so it goes into the answer.
      do {
        asked = this.#content;
        content = await asked;
      } while (asked !== this.#content);
      return { content, labels: localizedLabels(), locale: vscode.env.language };
    });
    connection.onNotification(focusedNotification, () => {
      this.#content = this.#content.then(withoutFocus);
    });
    const act = (run: (content: PanelContent) => Promise<void>) => async () => {
      try {
        await run(await this.#content);
      } catch (error) {
        throw this.#worded(error);
      }
    };
    connection.onRequest(revealOutputRequest, act(revealOutput));
    connection.onRequest(
      openReportRequest,
      act((content) => openReport(content, this.#context)),
    );
    connection.onRequest(
      saveReportRequest,
      act((content) => saveReport(content, this.#context)),
    );
    connection.onRequest(saveRecipeRequest, act(saveRecipe));
    connection.onRequest(correctLayersRequest, act(correctLayers));
    connection.onRequest(
      pruneModelRequest,
      act((content) => runOn('lstmPruner.prune', content, 'model')),
    );
    connection.onRequest(saveTrialRecipeRequest, ({ trial }) =>
      act((content) => saveTrialRecipe(content, trial))(),
    );
    connection.onRequest(
      findSmallestRequest,
      act((content) => runOn('lstmPruner.findSmallest', content, 'model')),
    );
    connection.onRequest(
      analyzeSensitivityRequest,
      act((content) => runOn('lstmPruner.analyzeSensitivity', content, 'model')),
    );
    connection.onRequest(
      showGatesAsTextRequest,
      act((content) => runOn('lstmPruner.showGatesAsText', content, 'model')),
    );
    connection.onRequest(openFileRequest, ({ file }) =>
      act((content) => runOn('lstmPruner.showGates', content, file))(),
    );
    connection.listen();
  }

  #worded(error: unknown): ResponseError<void> {
    const message = messageOf(error);
    if (message.code === 'internal' && error instanceof Error) this.#context.log.error(error);
    return new ResponseError(0, localize(message));
  }
}
