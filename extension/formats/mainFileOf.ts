import { join } from 'node:path';
import type { Model } from '../model/model.ts';

/** What is opened of what `save` wrote: the file itself, or one in the folder. */
export function mainFileOf({ folder }: Pick<Model, 'folder'>, saved: string): string {
  return folder === undefined ? saved : join(saved, folder);
}
