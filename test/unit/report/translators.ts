import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fill } from '../../../extension/protocol/labels.ts';
import type { Translate } from '../../../extension/protocol/wording.ts';

/** English, as it stands in the sources. */
export const english: Translate = fill;

/** Simplified Chinese; throws at a sentence that has no translation. */
export async function chinese(): Promise<Translate> {
  const file = join(import.meta.dirname, '../../../l10n/bundle.l10n.zh-cn.json');
  const bundle: Record<string, string> = JSON.parse(await readFile(file, 'utf8'));
  return (template, args) => {
    if (!(template in bundle)) throw new Error(`not translated: ${template}`);
    return fill(bundle[template], args);
  };
}
