import { spawn } from 'node:child_process';
import { createWriteStream, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installCodeServer } from './installCodeServer.ts';
import { cache } from './paths.ts';
import { run } from './run.ts';

export interface CodeServer {
  /** http://127.0.0.1:PORT */
  origin: string;
  /** Its home: settings, and the extensions it has installed. */
  home: string;
  /** Ends the server and its extension hosts, and removes its state. */
  stop(): Promise<void>;
}

export interface CodeServerOptions {
  /** A VSIX to install before the start. */
  vsix?: string;
  /** Lets a page run tests in the extension host; it also suppresses toasts. */
  testDriver?: boolean;
  /** User settings on top of the quiet ones. */
  settings?: Record<string, unknown>;
  /** Opens every workspace in restricted mode, until it is trusted. */
  restricted?: boolean;
}

/** No welcome page, no telemetry, no updates, no chat: nothing that would change what a test sees. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  // An editor that is slow to open would select its file long after a test has selected others.
  'explorer.autoReveal': false,
};

/** The restricted window opens at once, instead of asking. */
const restrictedSettings = { 'security.workspace.trust.startupPrompt': 'never' };

/** Ctrl+C, an end from outside, a closed terminal. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Starts a VS Code server on a free loopback port, with a profile of its own in the system's temporary folder. */
export async function startCodeServer(options: CodeServerOptions = {}): Promise<CodeServer> {
  const entry = await installCodeServer();
  const {
    home,
    args: profile,
    env,
  } = await makeProfile({
    ...quietSettings,
    ...(options.restricted && restrictedSettings),
    ...options.settings,
  });
  if (options.vsix) {
    await run(process.execPath, [entry, ...profile, '--install-extension', options.vsix], {
      env,
      quiet: true,
    });
  }

  const port = await freePort();
  const args = [
    entry,
    ...profile,
    '--auth',
    'none',
    '--bind-addr',
    `127.0.0.1:${port}`,
    '--disable-telemetry',
  ];
  args.push('--disable-update-check', '--disable-getting-started-override');
  args.push('--disable-proxy', '--ignore-last-opened');
  if (!options.restricted) args.push('--disable-workspace-trust');
  if (options.testDriver) args.push('--vscode-option', 'enable-smoke-test-driver');
  const child = await launch(args, env, home);

  const origin = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 300 && child.running(); attempt++) {
    const answer = await fetch(`${origin}/healthz`).catch(() => undefined);
    if (answer?.ok) return { origin, home, stop: child.stop };
    await sleep(100);
  }
  await child.stop();
  throw new Error('The VS Code server did not start; see .cache/code-server.log');
}

/** A home with settings and nothing else, so that nothing of the user's own VS Code is read or written. */
async function makeProfile(settings: Record<string, unknown>) {
  const home = await mkdtemp(join(tmpdir(), 'lstm-pruner-vscode-'));
  const data = join(home, 'data');
  const config = join(home, 'config.yaml');
  await mkdir(join(data, 'User'), { recursive: true });
  await writeFile(join(data, 'User/settings.json'), JSON.stringify(settings));
  await writeFile(config, '');
  const args = ['--config', config, '--user-data-dir', data, '--extensions-dir', join(home, 'extensions')];
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: home };
  for (const name of ['CONFIG', 'DATA', 'CACHE', 'STATE']) {
    env[`XDG_${name}_HOME`] = join(home, name.toLowerCase());
  }
  // Set in a terminal inside VS Code; the server would hand its work to that window.
  delete env.VSCODE_IPC_HOOK_CLI;
  delete env.PORT;
  return { home, args, env };
}

/** Starts the server in a process group of its own, since it forks, as do its extension hosts; `home` goes with it. */
async function launch(args: string[], env: NodeJS.ProcessEnv, home: string) {
  await mkdir(cache, { recursive: true });
  const log = createWriteStream(join(cache, 'code-server.log'));
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  child.stdout.pipe(log);
  child.stderr.pipe(log);

  const endGroup = (signal: NodeJS.Signals) => {
    try {
      process.kill(-child.pid!, signal);
    } catch {
      // The group has ended already.
    }
  };
  // Ctrl+C does not reach that group, so whatever ends this process has to end it.
  const onExit = () => {
    endGroup('SIGKILL');
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  const onSignal = () => process.exit(130);
  process.once('exit', onExit);
  for (const signal of endings) process.once(signal, onSignal);

  const running = () => child.exitCode === null && child.signalCode === null;
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('close', resolve));
    endGroup('SIGTERM');
    if (running()) await Promise.race([ended, sleep(3000, undefined, { ref: false })]);
    endGroup('SIGKILL');
    process.off('exit', onExit);
    for (const signal of endings) process.off(signal, onSignal);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
  return { running, stop };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
