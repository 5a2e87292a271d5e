import type { PanelState } from '../extension/protocol/panel.ts';

/** What VS Code gives the page; to be acquired once. */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: PanelState): void;
}

declare global {
  function acquireVsCodeApi(): VsCodeApi;
}
