import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A folder of this test file's own, removed after its tests; gives a function that writes files into it. */
export function scratchFiles(): (name: string, content: Buffer | string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'lstm-pruner-test-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
}
