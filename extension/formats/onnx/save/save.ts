import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FileBytes } from '../../bytes/fileBytes.ts';
import { checkTrained } from '../../checkTrained.ts';
import { copyPlain } from '../../copyPlain.ts';
import { type Replacement, writeSpliced } from '../../protobuf/splice.ts';
import type { OnnxParameter } from '../parameters.ts';
import type { OnnxTensor } from '../proto.ts';
import type { Source } from '../read/source.ts';
import { type FileEdit, isChanged, valueEdits } from './editedValues.ts';

/** The edits for everything that is masked or trained. Throws `UserError` trainedNotFinite. */
export async function changedValues(
  source: Source,
  parameters: readonly OnnxParameter[],
  step?: () => Promise<void>,
): Promise<FileEdit[]> {
  const edits: FileEdit[] = [];
  for (const [tensor, own] of byTensor(parameters)) {
    if (!own.some(isChanged)) continue;
    await step?.();
    for (const parameter of own) await checkTrained(parameter, source.shownAs);
    edits.push(...(await valueEdits(source, tensor, own)));
  }
  return edits;
}

export function byTensor(parameters: readonly OnnxParameter[]): Map<OnnxTensor, OnnxParameter[]> {
  const tensors = new Map<OnnxTensor, OnnxParameter[]>();
  for (const parameter of parameters) {
    const own = tensors.get(parameter.tensor);
    if (own) own.push(parameter);
    else tensors.set(parameter.tensor, [parameter]);
  }
  return tensors;
}

/**
 * Writes the model with edits: one file, or where values lie in others a folder of all of them. What no edit touches is copied byte by
 * byte.
 */
export async function writeModel(
  { reader, external }: Source,
  target: string,
  edits: readonly FileEdit[],
  step?: () => Promise<void>,
): Promise<void> {
  const own = { file: reader.file, location: undefined };
  const others = external.opened();
  const main = others.length === 0 ? target : join(target, basename(reader.file.path));
  if (others.length > 0) await mkdir(target);
  for (const { file, location } of [own, ...others]) {
    const path = location === undefined ? main : join(target, location);
    await mkdir(dirname(path), { recursive: true });
    const replacements = edits.filter((edit) => edit.location === location);
    await writeFile(
      file,
      path,
      replacements.map(({ replacement }) => replacement),
      step,
    );
  }
}

async function writeFile(
  file: FileBytes,
  target: string,
  replacements: readonly Replacement[],
  step?: () => Promise<void>,
): Promise<void> {
  if (replacements.length === 0) await copyPlain(file.path, target);
  else await writeSpliced(file, target, replacements, step);
}
