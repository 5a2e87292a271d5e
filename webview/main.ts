import '@vscode-elements/elements/dist/vscode-progress-ring/index.js';
import { counted } from '../extension/protocol/countedLabels.ts';
import { fill, type Say } from '../extension/protocol/labels.ts';
import { numbersFor } from '../extension/protocol/numbers.ts';
import {
  contentNotification,
  focusedNotification,
  isPanelState,
  type PanelContent,
  type PanelSetup,
  type PanelState,
  panelStateVersion,
  readyRequest,
  saveTrialRecipeRequest,
} from '../extension/protocol/panel.ts';
import { actionBar, actionButton } from './actions.ts';
import { connectToHost } from './connection.ts';
import { element } from './dom.ts';
import { drawPage } from './page.ts';
import './panel.css';

// Entry of the panel's page: asks the host what to show, draws it, and keeps what a reload needs.

const api = acquireVsCodeApi();
const connection = connectToHost(api);
const saved = api.getState();
const closedLayers = new Set<string>(isPanelState(saved) ? saved.closedLayers : []);
let scroll = isPanelState(saved) ? saved.scroll : 0;
let setup: PanelSetup | undefined;

connection.onNotification(contentNotification, (content) => show(content));
connection.listen();
document.body.replaceChildren(element('main', { 'aria-busy': 'true' }, element('vscode-progress-ring')));
connection.sendRequest(readyRequest).then(
  (answer) => {
    setup = answer;
    show(answer.content);
    window.scrollTo(0, scroll);
    window.addEventListener('scroll', keepScroll, { passive: true });
  },
  (error: unknown) => showFailure(error instanceof Error ? error.message : String(error)),
);

function show(content: PanelContent): void {
  if (!setup) return;
  setup = { ...setup, content };
  const { labels, locale } = setup;
  const say: Say = (label, args = {}) => fill(labels[counted(label, args)], args);
  const { root, layers } = drawPage(content, {
    drawing: { say, numbers: numbersFor(locale) },
    actions: actionBar(content, connection, say, showFailure),
    recipeButton: (trial) =>
      actionButton(
        [say('saveRecipe'), element('span', { class: 'unseen' }, say('saveRecipeOf', { trial }))],
        true,
        () => connection.sendRequest(saveTrialRecipeRequest, { trial }),
        showFailure,
      ),
    closedLayers,
    onToggle: (layer, open) => {
      if (open) closedLayers.delete(layer);
      else closedLayers.add(layer);
      keep();
    },
  });
  document.body.replaceChildren(root);
  keep();
  const focus = 'focusLayer' in content ? layers.get(content.focusLayer ?? '') : undefined;
  if (!focus) return;
  focus.open = true;
  focus.updateComplete.then(() => {
    focus.scrollIntoView({ block: 'start' });
    focus.focus();
    void connection.sendNotification(focusedNotification);
  });
}

function showFailure(reason: string): void {
  document.querySelector('.failure')?.remove();
  const line = element('p', { class: 'message error failure', role: 'alert' }, reason);
  const header = document.querySelector('main > header');
  if (header) header.after(line);
  else document.body.replaceChildren(element('main', {}, line));
}

function keepScroll(): void {
  scroll = window.scrollY;
  keep();
}

function keep(): void {
  if (!setup) return;
  const state: PanelState = {
    version: panelStateVersion,
    content: setup.content,
    closedLayers: [...closedLayers],
    scroll,
  };
  api.setState(state);
}
