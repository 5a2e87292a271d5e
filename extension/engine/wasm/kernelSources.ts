import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

/** SHA-256 over the names and contents of the kernels' sources, as hexadecimal digits. */
export async function kernelSourcesHash(folder: URL): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ts')).sort();
  const contents = await Promise.all(names.map((name) => readFile(new URL(name, folder))));
  const hash = createHash('sha256');
  for (const [i, name] of names.entries())
    hash.update(`${name}\0${contents[i].length}\0`).update(contents[i]);
  return hash.digest('hex');
}

/**
 * For whoever runs the sources: kernels of another state than the code that calls them compute nonsense without any error. Throws where
 * they are.
 * @param stamp the file that scripts/buildKernels.mjs leaves beside them
 */
export async function checkKernelsAreOf(folder: URL, stamp: URL): Promise<void> {
  const built = await readFile(stamp, 'utf8').catch(() => '');
  if (built.includes(await kernelSourcesHash(folder))) return;
  throw new Error('dist/kernels was not built from extension/kernels as it is; npm run build does that');
}
