import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, shared } from './paths.ts';

export interface Workspace {
  folder: string;
  remove(): Promise<void>;
}

/**
 * A folder to open in VS Code: `reber/` with the example's model and data and, where the reference models are there,
 * `predmaint/` with two models of 2017 and their data. All are copies, so tests may do with them what they like.
 */
export async function makeWorkspace(): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'lstm-pruner-workspace-'));
  const copies = [
    [join(root, 'examples/reber'), 'reber'],
    [join(shared, 'models/predmaint/binary_model.h5'), 'predmaint/binary_model.h5'],
    [join(shared, 'models/predmaint/regression_model.h5'), 'predmaint/regression_model.h5'],
    [join(shared, 'data/cmapss_failure_within_30.npz'), 'predmaint/cmapss_failure_within_30.npz'],
    [join(shared, 'data/cmapss_remaining_life.npz'), 'predmaint/cmapss_remaining_life.npz'],
  ];
  await mkdir(join(folder, 'predmaint'));
  for (const [from, to] of copies)
    if (existsSync(from)) await cp(from, join(folder, to), { recursive: true });
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
