import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import type { MessageCode } from '../protocol/messages.ts';

/** Names that other programs, or the parts of a model of several files, always have; what such files hold does not tell. */
const names: readonly [name: RegExp, kind: MessageCode][] = [
  [/(^|[\\/])variables\.(index|data-\d{5}-of-\d{5})$/, 'contentVariables'],
  [/\.data-\d{5}-of-\d{5}$|(\.ckpt|-\d+)\.meta$/, 'contentTensorflow'],
  [/\.ml(model|package)$/i, 'contentCoreMl'],
  // What TensorFlow.js' converter writes, what it saves in Node, and what it lets a browser download.
  [/(^|[\\/])(group\d+-shard\d+of\d+(\.bin)?|weights\.bin|[^\\/]+\.weights\.bin)$/, 'contentTfjsWeights'],
];

/** What a file or a folder is by its name, or by what lies beside it; undefined where these do not tell. */
export async function kindByName(path: string): Promise<MessageCode | undefined> {
  const [, kind] = names.find(([name]) => name.test(path)) ?? [];
  if (kind || !/\.bin$/i.test(basename(path))) return kind;
  return (await isThere(path.replace(/\.bin$/i, '.xml'))) ? 'contentOpenVino' : undefined;
}

/** Whether a path is what TensorFlow calls a checkpoint: what the names of its files begin with. */
export function isCheckpointPrefix(path: string): Promise<boolean> {
  return isThere(`${path}.index`);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
