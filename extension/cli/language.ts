import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { config, t } from '@vscode/l10n';
import type { Reader } from '../jobs/render.ts';

/** The reader's language by the usual variables, as far as there is a translation. */
export function readerLanguage(environment: NodeJS.ProcessEnv): Reader {
  const wanted = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || '';
  const chinese = /^zh(_|-|\.|$)/i.test(wanted) && !/^zh[_-](TW|HK|MO)/i.test(wanted);
  if (chinese) {
    // Beside dist/, which may have this in its folder of chunks; seen from the sources it is as far up.
    const [path] = ['../../l10n/', '../l10n/']
      .map((folder) => fileURLToPath(new URL(`${folder}bundle.l10n.zh-cn.json`, import.meta.url)))
      .filter((place) => existsSync(place));
    if (path !== undefined) config({ fsPath: path });
  }
  return { locale: chinese ? 'zh-cn' : 'en', t };
}
