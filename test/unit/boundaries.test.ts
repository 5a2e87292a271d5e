import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { root } from '../support/paths.ts';

const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');

/** Whether the project's linter refuses an import in a file of this path; asked in a folder apart, with its own rules. */
function refused(folder: string, path: string, imported: string): boolean {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `import * as other from '${imported}';\nexport const use = other;\n`);
  const args = [biome, 'lint', '--colors=off', file];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  assert.match(`${stdout}${stderr}`, /Checked 1 file/);
  return `${stdout}${stderr}`.includes('lint/style/noRestrictedImports');
}

/** Imports that ARCHITECTURE.md rules out, and their neighbours that it allows. */
const boundaries: [path: string, forbidden: string[], allowed: string[]][] = [
  ['extension/protocol/a.ts', ['vscode', '../model/graph.ts'], ['./report.ts', 'vscode-jsonrpc']],
  [
    'extension/host/commands/a.ts',
    ['../../jobs/prune.ts', '@tensorflow/tfjs-core', 'h5wasm/node'],
    ['vscode'],
  ],
  ['extension/main.ts', ['./engine/session.ts', './jobs/prune.ts'], ['./host/panel/panels.ts', 'vscode']],
  ['extension/background/a.ts', ['../host/services/services.ts', 'vscode'], ['../jobs/prune.ts']],
  ['extension/cli/a.ts', ['../formats/open.ts', '../background/serve.ts'], ['../report/terminal.ts']],
  ['extension/jobs/a.ts', ['../engine/session.ts', '../host/a.ts'], ['../training/evaluate.ts']],
  [
    'extension/formats/keras/a.ts',
    ['../../data/npy.ts', '../../engine/session.ts'],
    ['../../model/graph.ts'],
  ],
  [
    'extension/training/a.ts',
    ['../formats/open.ts', '@tensorflow/tfjs-core/dist/ops/ops'],
    ['../engine/session.ts'],
  ],
  [
    'extension/engine/ops/a.ts',
    ['../../data/npy.ts', 'vscode'],
    ['../../ops/infer.ts', '@tensorflow/tfjs-core'],
  ],
  ['extension/kernels/a.ts', ['../engine/session.ts', '@tensorflow/tfjs-core', 'node:fs'], ['./simd']],
  ['extension/model/a.ts', ['../formats/open.ts', '@tensorflow/tfjs-core'], ['../protocol/report.ts']],
  ['webview/a.ts', ['../extension/model/graph.ts', 'vscode'], ['../extension/protocol/report.ts']],
];

describe('the linter', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'lstm-pruner-boundaries-'));
    const rules = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
    writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...rules, vcs: { enabled: false } }));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [path, forbidden, allowed] of boundaries) {
    it(`keeps ${path} inside its boundaries`, () => {
      for (const imported of forbidden)
        assert.ok(refused(folder, path, imported), `${imported} was let through`);
      for (const imported of allowed) assert.ok(!refused(folder, path, imported), `${imported} was refused`);
    });
  }
});
