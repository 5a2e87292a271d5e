import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cache } from './paths.ts';
import { run } from './run.ts';

/** VS Code 1.139.1 as a server. Its own dependencies are locked by the shrinkwrap that it ships. */
const manifest = JSON.stringify({ private: true, dependencies: { 'code-server': '4.139.1' } });

/**
 * Path of code-server's entry script; installs it into `.cache/vscode` (800 MB) unless that holds the same version.
 * A folder is put in place only when it is whole, so an interrupted installation leaves nothing behind that looks ready.
 */
export async function installCodeServer(): Promise<string> {
  const folder = join(cache, 'vscode');
  const entry = join(folder, 'node_modules/code-server/out/node/entry.js');
  const installed = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
  if (installed === manifest && existsSync(entry)) return entry;

  console.log('Installing VS Code (code-server 4.139.1) into .cache/vscode, about a minute …');
  const partial = `${folder}.partial-${process.pid}`;
  await mkdir(partial, { recursive: true });
  try {
    await writeFile(join(partial, 'package.json'), manifest);
    // Without scripts nothing is compiled; the native modules that this leaves out (Kerberos, passwords) are not used.
    const npm = (cwd: string, ...args: string[]) =>
      run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...args], {
        cwd,
      });
    const vscode = join(partial, 'node_modules/code-server/lib/vscode');
    await npm(partial);
    await npm(vscode, '--omit=dev');
    await npm(join(vscode, 'extensions'), '--omit=dev');
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return entry;
}
