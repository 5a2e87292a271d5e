import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Packages that name a licence but ship no text of it, and an installed package whose text is the same, word for word. */
const textFrom = {
  '@tensorflow/tfjs-core': 'long', // Apache-2.0
  '@tensorflow/tfjs-backend-cpu': 'long',
  '@vscode/l10n': 'vscode-jsonrpc', // MIT, (c) Microsoft Corporation
};

/**
 * The notices of every package that has a file among the bundled inputs (paths as in esbuild's metafile).
 * @throws where a package has no licence text: it must not be shipped then.
 */
export async function notices(inputs) {
  const folders = new Set(inputs.map((input) => packagePattern.exec(input)?.[0]).filter(Boolean));
  const parts = await Promise.all([...folders].sort().map(notice));
  return `LSTM Pruner contains these packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/** The innermost package folder that a file belongs to. */
const packagePattern = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

async function notice(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const text =
    (await licenceText(folder)) ??
    (textFrom[name] && (await licenceText(join('node_modules', textFrom[name]))));
  if (!license || !text) throw new Error(`${name} ${version} is bundled but has no licence text`);
  return `${name} ${version}\nLicence: ${license}\n\n${text.trim()}\n`;
}

async function licenceText(folder) {
  const names = (await readdir(folder)).filter((name) =>
    /^(licen[cs]e|copying|notice|thirdparty)/i.test(name),
  );
  if (names.length > 0) {
    return (await Promise.all(names.sort().map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
  }
  const readme = await readFile(join(folder, 'README.md'), 'utf8').catch(() => '');
  return /^#* *licen[cs]e\b[^\n]*\n[\s\S]*copyright[\s\S]*/im.exec(readme)?.[0];
}
