// Runs the host tests in a desktop VS Code, which @vscode/test-electron downloads (or VSCODE_PATH names).
import { join } from 'node:path';
import { runTests, TestRunFailedError } from '@vscode/test-electron';
import { root } from '../test/support/paths.ts';
import { run } from '../test/support/run.ts';
import { makeWorkspace } from '../test/support/workspace.ts';

/** The version that the other tests use, see test/support/installCodeServer.ts. */
const version = '1.139.1';

await run(process.execPath, ['esbuild.mjs'], { cwd: root });
const workspace = await makeWorkspace();
try {
  const vscode = process.env.VSCODE_PATH ? { vscodeExecutablePath: process.env.VSCODE_PATH } : { version };
  await runTests({
    ...vscode,
    extensionDevelopmentPath: root,
    extensionTestsPath: join(root, 'dist/test/host/index.cjs'),
    launchArgs: [workspace.folder, '--disable-extensions', '--disable-workspace-trust', '--skip-welcome'],
  });
} catch (error) {
  const reason =
    error instanceof TestRunFailedError
      ? 'host tests failed, see above'
      : `VS Code ${version} could not be downloaded or started (${error instanceof Error ? error.message : error}). Set VSCODE_PATH to an installed VS Code, or run npm run test:host.`;
  console.error(`test:desktop: ${reason}`);
  process.exitCode = 1;
} finally {
  await workspace.remove();
}
