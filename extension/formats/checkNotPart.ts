import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../protocol/userError.ts';

/** As Hugging Face's libraries name the files of one model. */
const partName = /^(.+)-\d{5}-of-(\d{5})(\.safetensors|\.bin)$/;

/** Throws `UserError` partOfModel or partAlone where a file is, by its name, one of several that only their index makes a model. */
export async function checkNotPart(path: string): Promise<void> {
  const [, stem, count, ending] = partName.exec(basename(path)) ?? [];
  if (stem === undefined || Number(count) === 1) return;
  const index = `${stem}${ending}.index.json`;
  const args = { file: path, count: Number(count), index };
  throw await access(join(dirname(path), index)).then(
    () => new UserError('partOfModel', args),
    () => new UserError('partAlone', args),
  );
}
