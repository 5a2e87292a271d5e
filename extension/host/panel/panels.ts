import * as vscode from 'vscode';
import type { AutoReport } from '../../protocol/auto.ts';
import { isPanelState, type PanelContent } from '../../protocol/panel.ts';
import type { EvaluateReport, InspectReport, PruneReport } from '../../protocol/report.ts';
import type { SensitivityReport } from '../../protocol/sensitivity.ts';
import type { Inspections } from '../services/inspections.ts';
import {
  errorContent,
  evaluationContent,
  gatesContent,
  resultContent,
  searchContent,
  sensitivityContent,
  withoutFocus,
} from './contents.ts';
import type { PageServices } from './pageActions.ts';
import { type PageContext, PageSession } from './pageSession.ts';

const panelViewType = 'lstmPruner.panel';

export interface PanelServices extends PageServices {
  readonly inspections: Pick<Inspections, 'inspect' | 'hold' | 'onDidChange'>;
}

const icons: Record<PanelContent['kind'], string> = {
  gates: 'graph',
  evaluation: 'graph',
  error: 'graph',
  result: 'filter',
  sensitivity: 'graph-line',
  search: 'search',
};

interface OpenPanel {
  readonly panel: vscode.WebviewPanel;
  readonly session: PageSession;
  content: PanelContent;
  /** Counts what was shown, so that an inspection that ends late shows nothing any more. */
  turn: number;
}

/** The panels on results and models: one for each file, shown again when there is news about it. */
export class ModelPanels implements vscode.Disposable {
  readonly #services: PanelServices;
  readonly #page: PageContext;
  readonly #open = new Map<string, OpenPanel>();
  readonly #listening: vscode.Disposable;

  constructor(services: PanelServices, page: PageContext) {
    this.#services = services;
    this.#page = page;
    this.#listening = services.inspections.onDidChange((uri) => this.#refresh(uri.fsPath));
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

  async showSensitivity(report: SensitivityReport): Promise<void> {
    await this.#show(sensitivityContent(report));
  }

  /** With the gates before and after, where both models can be inspected. */
  async showSearch(report: AutoReport): Promise<void> {
    const { inspections } = this.#services;
    const files = [report.model, report.output].map((path) => inspections.inspect(vscode.Uri.file(path)));
    const inspect = await Promise.all(files).then(
      ([before, after]) => ({ before, after }),
      () => undefined,
    );
    await this.#show(searchContent(report, inspect));
  }

  /** Takes over a panel that VS Code brought back after a reload. Gates are shown as they were, and then as the file is now. */
  async restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    if (!isPanelState(state)) {
      panel.dispose();
      return;
    }
    const content = withoutFocus(state.content);
    this.#adopt(panel, content);
    // Not waited for: VS Code delivers nothing to the page before it has the panel back.
    const model = followedModel(content);
    if (model !== undefined) void this.#refresh(model);
  }

  dispose(): void {
    this.#listening.dispose();
    for (const { panel } of [...this.#open.values()]) panel.dispose();
  }

  async #show(content: PanelContent): Promise<void> {
    const known = this.#open.get(keyOf(content));
    if (known) {
      known.content = content;
      known.turn++;
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
    panel.iconPath = new vscode.ThemeIcon(icons[content.kind]);
    const open: OpenPanel = { panel, session, content, turn: 0 };
    const model = followedModel(content);
    const holder = model === undefined ? undefined : this.#services.inspections.hold(vscode.Uri.file(model));
    this.#open.set(key, open);
    panel.onDidDispose(() => {
      open.turn++;
      holder?.dispose();
      session.dispose();
      if (this.#open.get(key) === open) this.#open.delete(key);
    });
  }

  /** Shows gates as the file is now. Results and evaluations stay: they tell what was measured. */
  async #refresh(path: string): Promise<void> {
    const shown = this.#open.get(modelKey(path));
    if (shown?.content.kind !== 'gates' && shown?.content.kind !== 'error') return;
    const turn = ++shown.turn;
    const content = await this.#services.inspections.inspect(vscode.Uri.file(path)).then(
      (report) => gatesContent(path, report),
      (error: unknown) => errorContent(path, error),
    );
    if (turn !== shown.turn) return;
    shown.content = content;
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
    case 'search':
      return `${content.kind}:${content.report.output}`;
    case 'sensitivity':
      return `sensitivity:${content.path}`;
    default:
      return modelKey(content.path);
  }
}

/** The model whose panel this is, which shows other contents as the file changes; undefined where it tells what was found once. */
function followedModel(content: PanelContent): string | undefined {
  const tellsOnce = content.kind === 'result' || content.kind === 'search' || content.kind === 'sensitivity';
  return tellsOnce ? undefined : content.path;
}

function modelKey(path: string): string {
  return `model:${path}`;
}

function titleOf(content: PanelContent): string {
  if (content.kind === 'result') return vscode.l10n.t('Pruned: {name}', { name: content.outputName });
  if (content.kind === 'evaluation') return vscode.l10n.t('Evaluation: {name}', { name: content.name });
  if (content.kind === 'search') return vscode.l10n.t('Search: {name}', { name: content.modelName });
  if (content.kind === 'sensitivity') return vscode.l10n.t('Sensitivity: {name}', { name: content.name });
  return vscode.l10n.t('Gates: {name}', { name: content.name });
}
