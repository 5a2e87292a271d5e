import * as vscode from 'vscode';
import type { Services } from '../services/services.ts';
import { showError } from '../services/showMessage.ts';
import { type PackageSpec, tensorflowSpec } from '../services/tensorflowPackage.ts';

type InstallServices = Pick<Services, 'engines' | 'log'>;

/** Characters of a line of npm's that a notification has room for. */
const lineLength = 60;

/** Installs the TensorFlow engine into the extension's storage, after saying what that is and asking. */
export async function installTensorflowEngine(services: InstallServices): Promise<void> {
  const { engines } = services;
  if (engines.installing) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('The TensorFlow engine is being installed already.'),
    );
    return;
  }
  if (await isWanted(services)) await runInstallation(services);
}

async function isWanted({ engines }: InstallServices): Promise<boolean> {
  const question = (await engines.isInstalled())
    ? vscode.l10n.t('The TensorFlow engine is installed. Install it again?')
    : vscode.l10n.t('Install the TensorFlow engine?');
  const detail = vscode.l10n.t(
    'The npm on the path downloads {package} {version} from the npm registry, and its install script downloads libtensorflow: about 380 MB unpacked, in {folder}. LSTM Pruner works without it; it is another engine to choose.',
    { package: tensorflowSpec.name, version: tensorflowSpec.version, folder: engines.tensorflowFolder },
  );
  const install = vscode.l10n.t('Install');
  return (await vscode.window.showInformationMessage(question, { modal: true, detail }, install)) === install;
}

/** Installs without asking; what goes wrong is shown. `spec` is for tests, which install packages of their own. */
export async function runInstallation({ engines, log }: InstallServices, spec?: PackageSpec): Promise<void> {
  const title = vscode.l10n.t('Installing the TensorFlow engine');
  try {
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (reporter, token) => {
        const abort = new AbortController();
        token.onCancellationRequested(() => abort.abort());
        const onLine = (line: string) => {
          log.info(`npm: ${line}`);
          reporter.report({ message: shortened(line) });
        };
        return engines.install(abort.signal, onLine, spec);
      },
    );
  } catch (error) {
    void showError(error, log);
    return;
  }
  void vscode.window.showInformationMessage(
    vscode.l10n.t(
      'The TensorFlow engine is installed. Where the setting lstmPruner.engine is auto, it computes whatever it is faster at.',
    ),
  );
}

/** A line of npm's without its marks: `npm http fetch GET 200 https://…/a/-/a-1.tgz 12ms` is about `a/-/a-1.tgz 12ms`. */
function shortened(line: string): string {
  const plain = line.replace(/^(npm \w+ |> )(fetch [A-Z]+ \d+ https?:\/\/[^/]+\/)?/, '').trim();
  return plain.length <= lineLength ? plain : `${plain.slice(0, lineLength - 1)}…`;
}
