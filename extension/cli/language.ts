import { fileURLToPath } from 'node:url';
import { config, t } from '@vscode/l10n';
import type { Reader } from '../jobs/render.ts';

/** The reader's language by the usual variables, as far as there is a translation. */
export function readerLanguage(environment: NodeJS.ProcessEnv): Reader {
  const wanted = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || '';
  const chinese = /^zh(_|-|\.|$)/i.test(wanted) && !/^zh[_-](TW|HK|MO)/i.test(wanted);
  if (chinese) {
    // The bundle stands beside dist/.
    config({ fsPath: fileURLToPath(new URL('../l10n/bundle.l10n.zh-cn.json', import.meta.url)) });
  }
  return { locale: chinese ? 'zh-cn' : 'en', t };
}
