// npm start: a real VS Code on examples/ with the extension in it, until Ctrl+C.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { startCodeServer } from '../test/support/codeServer.ts';
import { root } from '../test/support/paths.ts';
import { run } from '../test/support/run.ts';
import { buildVsix, vsix } from './vsix.mjs';

const examples = join(root, 'examples');
const shell = process.platform === 'win32';

if (spawnSync('code', ['--version'], { shell, stdio: 'ignore' }).status === 0) {
  await run(process.execPath, ['esbuild.mjs'], { cwd: root });
  console.log('Opening VS Code; close its window or press Ctrl+C to end.');
  // --wait keeps `code` running as long as its window is open.
  const code = spawn('code', ['--new-window', '--wait', `--extensionDevelopmentPath=${root}`, examples], {
    shell,
    stdio: 'inherit',
  });
  process.once('SIGINT', () => code.kill());
  code.once('close', (status) => process.exit(status ?? 0));
} else {
  console.log('There is no `code` on the path; starting a VS Code server instead.');
  await buildVsix();
  const server = await startCodeServer({ vsix });
  console.log(`Open ${server.origin}/?folder=${encodeURIComponent(examples)}\nCtrl+C ends it.`);
}
