import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostResults } from '../host/results.ts';
import { launchChromium } from './chromium.ts';
import { startCodeServer } from './codeServer.ts';
import { cache, root, screenshots } from './paths.ts';
import type { Tally } from './tally.ts';
import { makeWorkspace } from './workspace.ts';

/** How long all tests together may take in the extension host. */
const limit = 5 * 60_000;

/**
 * Runs test/host inside the extension host of a real VS Code: a server, and Chromium showing its window.
 * @throws if the tests do not come to an end.
 */
export async function runHostTests(): Promise<Tally> {
  const workspace = await makeWorkspace();
  await mkdir(screenshots, { recursive: true });
  const log = createWriteStream(join(cache, 'host-tests.log'));
  const output = await mkdtemp(join(tmpdir(), 'lstm-pruner-results-'));
  const results = join(output, 'results.json');
  const server = await startCodeServer({ testDriver: true });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    // VS Code's own log comes the same way; of it all, only what the tests measured is worth the console.
    await page.exposeFunction('codeAutomationLog', (_level: string, args: unknown[]) => {
      const text = args.join(' ');
      log.write(`${text}\n`);
      if (text.startsWith('measured: ')) console.log(text);
    });
    const exit = new Promise<number>((resolve) => {
      // Answered only after the picture is taken: VS Code closes its window next.
      const onExit = async (code: number) => {
        if (code !== 0) await page.screenshot({ path: join(screenshots, 'host-tests-failed.png') });
        resolve(code);
      };
      page.exposeFunction('codeAutomationExit', onExit).catch(() => resolve(1));
    });
    await page.goto(windowAddress(server.origin, workspace.folder, results));
    const ended = await Promise.race([exit, sleep(limit, undefined, { ref: false })]);
    if (ended === undefined) {
      await page.screenshot({ path: join(screenshots, 'host-tests-timeout.png') });
      throw new Error(
        `The host tests did not end within ${limit / 60_000} minutes; see .cache/host-tests.log and .cache/screenshots`,
      );
    }
    return report(JSON.parse(await readFile(results, 'utf8')));
  } finally {
    await browser.close();
    log.end();
    await server.stop();
    await workspace.remove();
    await rm(output, { recursive: true, force: true });
  }
}

/** A window that loads the extension from this repository and runs its tests; the payload is what VS Code's own tests use. */
function windowAddress(origin: string, folder: string, results: string): string {
  const remote = origin.replace('http://', 'vscode-remote://');
  const payload = [
    ['extensionDevelopmentPath', `${remote}${root.replace(/\/$/, '')}`],
    ['extensionTestsPath', `${remote}${join(root, 'dist/test/host/index.cjs')}`],
    ['extensionEnvironment', JSON.stringify({ LSTM_PRUNER_TEST_RESULTS: results })],
    ['skipWelcome', 'true'],
  ];
  return `${origin}/?${new URLSearchParams({ folder, payload: JSON.stringify(payload) })}`;
}

function report({ tests }: HostResults): Tally {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const test of tests) {
    tally[test.outcome]++;
    const mark = { passed: '✔', failed: '✖', skipped: 'skipped:' }[test.outcome];
    console.log(`${mark} ${test.title} (${test.milliseconds} ms)`);
    if (test.error) console.log(test.error);
  }
  if (tests.length === 0) throw new Error('There are no host tests');
  return tally;
}
