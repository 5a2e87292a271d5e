import { isAbsolute, join } from 'node:path';
import { UserError } from '../../protocol/userError.ts';
import { installedTensorflow, namedTensorflow, tensorflowSpec } from './tensorflowPackage.ts';

export interface TensorflowPlaces {
  /** What the setting says; may be empty. */
  readonly named: string;
  /** Whether the workspace is trusted. */
  readonly trusted: boolean;
  /** Where a relative path begins; undefined without a workspace. */
  readonly workspace: string | undefined;
  /** Folder in the extension's own storage. */
  readonly storage: string;
}

/**
 * The folder of the package to load; undefined where there is none. A native module runs what it likes, so a setting counts only where
 * the workspace is trusted: else it may name what lies in there. Then, as without a setting, it is the one in the storage. Throws
 * `UserError` tensorflowPath.
 */
export async function chooseTensorflow({
  named,
  trusted,
  workspace,
  storage,
}: TensorflowPlaces): Promise<string | undefined> {
  const path = named.trim();
  if (path === '' || !trusted) return installedTensorflow(storage);
  if (isAbsolute(path)) return namedTensorflow(path);
  if (workspace === undefined) throw new UserError('tensorflowPath', { path, package: tensorflowSpec.name });
  return namedTensorflow(join(workspace, path));
}
