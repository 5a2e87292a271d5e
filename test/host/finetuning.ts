import { join } from 'node:path';
import * as vscode from 'vscode';
import { ChosenSettings } from '../../extension/host/commands/settingsOfPrune.ts';
import { BackgroundClient } from '../../extension/host/services/backgroundClient.ts';
import { defaultChoices, RememberedChoices } from '../../extension/host/services/choices.ts';
import { Engines } from '../../extension/host/services/engines.ts';
import { Inspections } from '../../extension/host/services/inspections.ts';
import { ModelSearch } from '../../extension/host/services/modelSearch.ts';
import { RunningJobs } from '../../extension/host/services/runningJobs.ts';
import type { Services } from '../../extension/host/services/services.ts';
import type { PruneReport } from '../../extension/protocol/report.ts';
import { backgroundModule } from './driving.ts';

/** The extension's own parts beside the ones that VS Code has activated, with a storage of their own; `results` are not drawn. */
export class TestServices {
  readonly services: Services;
  readonly results: PruneReport[] = [];
  readonly #ends: vscode.Disposable[];

  constructor(folder: string) {
    const log = vscode.window.createOutputChannel('finetuning.test', { log: true });
    const background = new BackgroundClient({ module: backgroundModule(), locale: 'en', log: () => {} });
    const inspections = new Inspections(background);
    const engines = new Engines(vscode.Uri.file(join(folder, 'storage')));
    this.#ends = [log, background, inspections, engines];
    this.services = {
      log,
      background,
      inspections,
      engines,
      models: new ModelSearch(background),
      choices: new RememberedChoices(memory()),
      jobs: new RunningJobs(),
      panels: {
        showResult: (report) => void this.results.push(report),
        showGates: () => {},
        showEvaluation: () => {},
        showSearch: () => {},
        showSensitivity: () => {},
      },
    };
  }

  dispose(): void {
    vscode.Disposable.from(...this.#ends).dispose();
  }
}

/** What the questions would have given. */
export function settingsOf({ choices }: Services, data: string, epochs: number): ChosenSettings {
  const chosen = { ...defaultChoices, data: { data }, finetune: { epochs, patience: 0 } };
  return new ChosenSettings(chosen, choices);
}

/** A workspace's state that ends with the test. */
function memory(): vscode.Memento {
  const values = new Map<string, unknown>();
  return {
    keys: () => [...values.keys()],
    get: (key: string, absent?: unknown) => values.get(key) ?? absent,
    update: async (key: string, value: unknown) => void values.set(key, value),
  } as vscode.Memento;
}
