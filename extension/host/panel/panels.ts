import * as vscode from 'vscode';
import { isPanelState, type PanelContent } from '../../protocol/panel.ts';
import type { EvaluateReport, InspectReport, PruneReport } from '../../protocol/report.ts';
import type { Inspections } from '../services/inspections.ts';
import { errorContent, evaluationContent, gatesContent, resultContent, withoutFocus } from './contents.ts';
import type { PageServices } from './pageActions.ts';
import { type PageContext, PageSession } from './pageSession.ts';

export const panelViewType = 'lstmPruner.panel';

export interface PanelServices extends PageServices {
  readonly inspections: Pick<Inspections, 'inspect' | 'known' | 'onDidForget'>;
}

interface OpenPanel {
  readonly panel: vscode.WebviewPanel;
  readonly session: PageSession;
  content: PanelContent;
}

/** The panels on results and models: one for each file, shown again when there is news about it. */
export class ModelPanels implements vscode.Disposable {
  readonly #services: PanelServices;
  readonly #page: PageContext;
  readonly #open = new Map<string, OpenPanel>();
  readonly #forgetting: vscode.Disposable;

  constructor(services: PanelServices, page: PageContext) {
    this.#services = services;
    this.#page = page;
    this.#forgetting = services.inspections.onDidForget((uri) => this.#refresh(uri));
  }

  async showGates(path: string, report: InspectReport, focusLayer?: string): Promise<void> {
    await this.#show(gatesContent(path, report, focusLayer));
  }

  async showResult(report: PruneReport): Promise<void> {
    await this.#show(resultContent(report));
  }

  /** With the gates, where the model can be inspected. */
  async showEvaluation(path: string, report: EvaluateReport): Promise<void> {
    const inspect = await this.#services.inspections.inspect(vscode.Uri.file(path)).catch(() => undefined);
    await this.#show(evaluationContent(path, report, inspect));
  }

  /** Takes over a panel that VS Code brought back after a reload. */
  async restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    if (isPanelState(state)) this.#adopt(panel, withoutFocus(state.content));
    else panel.dispose();
  }

  dispose(): void {
    this.#forgetting.dispose();
    for (const { panel } of [...this.#open.values()]) panel.dispose();
  }

  async #show(content: PanelContent): Promise<void> {
    const known = this.#open.get(keyOf(content));
    if (known) {
      known.content = content;
      known.panel.title = titleOf(content);
      known.panel.reveal();
      await known.session.show(content);
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      panelViewType,
      titleOf(content),
      vscode.ViewColumn.Active,
      {
        enableFindWidget: true,
      },
    );
    this.#adopt(panel, content);
  }

  #adopt(panel: vscode.WebviewPanel, content: PanelContent): void {
    const key = keyOf(content);
    const session = new PageSession(panel.webview, content, this.#page);
    panel.title = titleOf(content);
    panel.iconPath = new vscode.ThemeIcon(content.kind === 'result' ? 'filter' : 'graph');
    this.#open.set(key, { panel, session, content });
    panel.onDidDispose(() => {
      session.dispose();
      if (this.#open.get(key)?.panel === panel) this.#open.delete(key);
    });
  }

  /** A file whose gates are shown has changed or gone. Results and evaluations stay: they tell what was measured. */
  async #refresh(uri: vscode.Uri): Promise<void> {
    const path = uri.fsPath;
    const shown = this.#open.get(modelKey(path));
    if (shown?.content.kind !== 'gates') return;
    const content = await this.#services.inspections.inspect(uri).then(
      (report) => gatesContent(path, report),
      (error: unknown) => errorContent(path, error),
    );
    if (shown.content.kind !== 'gates') return;
    if (content.kind === 'gates') shown.content = content;
    await shown.session.show(content);
  }
}

/** Panels on results and models, kept over a reload of the window. */
export function registerPanel(context: vscode.ExtensionContext, services: PanelServices): ModelPanels {
  const panels = new ModelPanels(services, pageContextOf(context, services));
  context.subscriptions.push(
    panels,
    vscode.window.registerWebviewPanelSerializer(panelViewType, {
      deserializeWebviewPanel: (panel, state) => panels.restore(panel, state),
    }),
  );
  return panels;
}

/** What every page of the extension needs. */
export function pageContextOf(context: vscode.ExtensionContext, services: PageServices): PageContext {
  return {
    background: services.background,
    log: services.log,
    storage: context.globalStorageUri,
    extension: context.extensionUri,
  };
}

function keyOf(content: PanelContent): string {
  switch (content.kind) {
    case 'result':
      return `result:${content.report.output}`;
    case 'error':
      return `error:${content.name}`;
    default:
      return modelKey(content.path);
  }
}

function modelKey(path: string): string {
  return `model:${path}`;
}

function titleOf(content: PanelContent): string {
  if (content.kind === 'result') return vscode.l10n.t('Pruned: {name}', { name: content.outputName });
  if (content.kind === 'evaluation') return vscode.l10n.t('Evaluation: {name}', { name: content.name });
  return vscode.l10n.t('Gates: {name}', { name: content.name });
}
