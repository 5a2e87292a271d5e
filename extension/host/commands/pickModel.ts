import * as vscode from 'vscode';
import { listOf } from '../../protocol/labels.ts';
import { modelEndings } from '../../protocol/modelEndings.ts';
import { sayWith } from '../../protocol/wording.ts';
import { baseName, folderOf } from '../services/fileKinds.ts';
import type { FoundModel } from '../services/modelSearch.ts';
import type { Services } from '../services/services.ts';
import { translate } from '../services/showMessage.ts';
import { activeModel, targetsOf } from './modelTargets.ts';

type Item = vscode.QuickPickItem & { readonly uri?: vscode.Uri; readonly browse?: boolean };

/** Found models are shown in batches of this many milliseconds, so that a long list does not flicker. */
const refreshMilliseconds = 100;

/** The models that a command was called on, or the one that the user chooses; undefined when dismissed. */
export async function modelsFor(
  services: Services,
  title: string,
  clicked: unknown,
  selected: unknown,
): Promise<readonly vscode.Uri[] | undefined> {
  const targets = targetsOf(clicked, selected);
  if (targets) return targets;
  const model = await pickModel(services, title);
  return model && [model];
}

/**
 * Lets the user choose a model of the workspace. The list fills while the background process looks into the files; it can be used
 * or dismissed at any time. Undefined when dismissed.
 */
export async function pickModel(services: Services, title: string): Promise<vscode.Uri | undefined> {
  const input = vscode.window.createQuickPick<Item>();
  const search = new vscode.CancellationTokenSource();
  const browse: Item = {
    label: vscode.l10n.t('Browse…'),
    iconPath: new vscode.ThemeIcon('folder-opened'),
    browse: true,
  };
  const found: FoundModel[] = [];
  const active = activeModel();
  input.title = title;
  input.placeholder = vscode.l10n.t('Looking for models with recurrent layers…');
  input.matchOnDescription = true;
  input.busy = true;
  input.keepScrollPosition = true;
  input.items = [browse];
  // Enter before the first model is there must not open the file dialog.
  input.activeItems = [];

  const refresh = () => {
    const chosen = input.activeItems[0];
    const models = [...found].sort((a, b) => rank(a, active) - rank(b, active));
    input.items = [...models.map(itemOf), browse];
    // Whoever has already moved to an item stays on it.
    const same = input.items.find((item) => chosen?.uri && item.uri?.toString() === chosen.uri.toString());
    if (same) input.activeItems = [same];
  };
  let timer: NodeJS.Timeout | undefined;
  const onFound = (model: FoundModel) => {
    found.push(model);
    timer ??= setTimeout(() => {
      timer = undefined;
      refresh();
    }, refreshMilliseconds);
  };
  const finished = services.models.search(search.token, onFound).then(
    ({ capped }) => {
      if (search.token.isCancellationRequested) return;
      refresh();
      input.busy = false;
      input.placeholder = placeholderOf(found.length, capped);
    },
    (error) => {
      services.log.error(error);
      if (search.token.isCancellationRequested) return;
      refresh();
      input.busy = false;
      input.placeholder = vscode.l10n.t(
        'The workspace could not be searched to its end. Browse for a model.',
      );
    },
  );

  try {
    const item = await new Promise<Item | undefined>((resolve) => {
      input.onDidAccept(() => resolve(input.selectedItems[0]));
      input.onDidHide(() => resolve(undefined));
      input.show();
    });
    if (!item?.browse) return item?.uri;
  } finally {
    search.cancel();
    clearTimeout(timer);
    input.dispose();
    void finished.finally(() => search.dispose());
  }
  return browseForModel(title);
}

function rank({ uri }: FoundModel, active: vscode.Uri | undefined): number {
  return uri.toString() === active?.toString() ? 0 : 1;
}

function itemOf({ uri, format, recurrentLayers }: FoundModel): Item {
  return {
    uri,
    label: baseName(uri),
    description: folderOf(uri),
    detail: vscode.l10n.t('{format}, recurrent layers: {layers}', {
      format,
      layers: listOf(recurrentLayers, sayWith(translate)),
    }),
    iconPath: new vscode.ThemeIcon('graph'),
  };
}

function placeholderOf(count: number, capped: boolean): string {
  if (count === 0) {
    return vscode.l10n.t('No model with recurrent layers was found here. Browse for one.');
  }
  return capped
    ? vscode.l10n.t('Choose a model (this workspace has too many files; not all were looked at)')
    : vscode.l10n.t('Choose a model');
}

/** `safetensors` of `.safetensors`, `json` of `model.json`. */
function extensionOf(ending: string): string {
  return ending.slice(ending.lastIndexOf('.') + 1);
}

async function browseForModel(title: string): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title,
    filters: { [vscode.l10n.t('Models')]: [...new Set(modelEndings.map(extensionOf))] },
  });
  return chosen?.[0];
}
