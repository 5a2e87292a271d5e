import '@vscode-elements/elements/dist/vscode-button/index.js';
import type { MessageConnection, RequestType0 } from 'vscode-jsonrpc/browser';
import type { LabelName, Say } from '../extension/protocol/labels.ts';
import { layersAssumption } from '../extension/protocol/layersAssumption.ts';
import {
  analyzeSensitivityRequest,
  correctLayersRequest,
  findSmallestRequest,
  openFileRequest,
  openReportRequest,
  type PanelContent,
  pruneModelRequest,
  revealOutputRequest,
  saveRecipeRequest,
  saveReportRequest,
  showGatesAsTextRequest,
} from '../extension/protocol/panel.ts';
import { type Child, element } from './dom.ts';

interface Action {
  label: LabelName;
  run: (connection: MessageConnection) => Promise<void>;
}

const plain =
  (request: RequestType0<void, void>) =>
  (connection: MessageConnection): Promise<void> =>
    connection.sendRequest(request);
const open =
  (file: 'model' | 'output') =>
  (connection: MessageConnection): Promise<void> =>
    connection.sendRequest(openFileRequest, { file });

const modelActions: readonly Action[] = [
  { label: 'prune', run: plain(pruneModelRequest) },
  { label: 'findSmallest', run: plain(findSmallestRequest) },
  { label: 'analyzeSensitivity', run: plain(analyzeSensitivityRequest) },
  { label: 'showAsText', run: plain(showGatesAsTextRequest) },
];

/** Where a model does not say how its layers are connected. */
const correctLayersAction: Action = { label: 'correctLayers', run: plain(correctLayersRequest) };

/** What can be done with each content; the first is what most come for. */
const actionsOf: Record<PanelContent['kind'], readonly Action[]> = {
  gates: modelActions,
  evaluation: modelActions,
  result: [
    { label: 'reveal', run: plain(revealOutputRequest) },
    { label: 'openReport', run: plain(openReportRequest) },
    { label: 'saveReport', run: plain(saveReportRequest) },
    { label: 'saveRecipe', run: plain(saveRecipeRequest) },
    { label: 'openModel', run: open('model') },
    { label: 'openOutput', run: open('output') },
  ],
  sensitivity: [
    { label: 'prune', run: plain(pruneModelRequest) },
    { label: 'openReport', run: plain(openReportRequest) },
    { label: 'saveReport', run: plain(saveReportRequest) },
    { label: 'showGates', run: open('model') },
  ],
  search: [
    { label: 'reveal', run: plain(revealOutputRequest) },
    { label: 'openReport', run: plain(openReportRequest) },
    { label: 'saveReport', run: plain(saveReportRequest) },
    { label: 'openModel', run: open('model') },
    { label: 'openOutput', run: open('output') },
  ],
  error: [],
};

/** The buttons of a content; `onFailure` takes the host's words when one does not work. */
export function actionBar(
  content: PanelContent,
  connection: MessageConnection,
  say: Say,
  onFailure: (reason: string) => void,
): HTMLElement | undefined {
  const actions = actionsFor(content);
  if (actions.length === 0) return undefined;
  const buttons = actions.map(({ label, run }, at) =>
    actionButton([say(label)], at > 0, () => run(connection), onFailure),
  );
  return element('div', { class: 'actions', role: 'group', 'aria-label': say('actions') }, ...buttons);
}

function actionsFor(content: PanelContent): readonly Action[] {
  const actions = actionsOf[content.kind];
  if (content.kind !== 'gates') return actions;
  if (content.snapshot) return [];
  return layersAssumption(content.report) ? [...actions, correctLayersAction] : actions;
}

/** A button that cannot be pressed again while what it does goes on. @param secondary not what most come for */
export function actionButton(
  text: readonly Child[],
  secondary: boolean,
  run: () => Promise<void>,
  onFailure: (reason: string) => void,
): HTMLElement {
  const button = element('vscode-button', { secondary }, ...text);
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      await run();
    } catch (error) {
      onFailure(error instanceof Error ? error.message : String(error));
    } finally {
      button.disabled = false;
    }
  });
  return button;
}
