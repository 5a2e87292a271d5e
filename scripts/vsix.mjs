import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cache } from '../test/support/paths.ts';

/** The VSIX that the package and UI tests look at. */
export const vsix = join(cache, 'lstm-pruner.vsix');

/** Builds it as `npm run package` does. @throws if that fails or warns. */
export async function buildVsix() {
  const { stdout, stderr } = await promisify(execFile)('npm', [
    'run',
    '--silent',
    'package',
    '--',
    '--out',
    vsix,
  ]);
  const output = `${stdout}${stderr}`;
  if (/warn/i.test(output.replaceAll(/^npm warn .*$/gim, '')))
    throw new Error(`npm run package warns:\n${output}`);
}
