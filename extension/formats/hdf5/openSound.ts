import { damaged } from '../damaged.ts';
import { guard } from './guard.ts';
import { type Library, loadLibrary, openFile } from './library.ts';
import { flawOf } from './sound.ts';

/**
 * Opens somebody's file, or a copy of it, by the library, which loops for ever in some damaged ones: those it never sees. Throws
 * `UserError` fileDamaged.
 * @param shownAs names the file in messages
 */
export async function openSound(
  path: string,
  mode: 'r' | 'a',
  shownAs: string,
): Promise<{ readonly library: Library; readonly file: ReturnType<typeof openFile> }> {
  const flaw = await flawOf(path);
  if (flaw) throw damaged(shownAs, { code: flaw, args: {} });
  const library = await loadLibrary();
  return { library, file: guard(shownAs, () => openFile(library, path, mode)) };
}
