import { open } from 'node:fs/promises';
import { byteSize } from '../../model/parameter.ts';
import { type KeptIndices, keepOf, keptShape } from '../../model/shrinking.ts';
import { bytesOf, editBytes, editRaw, type RawParameter } from '../bytes/rawParameter.ts';
import { copyPlain } from '../copyPlain.ts';
import type { TensorSaveOptions } from '../stateDict/tensors.ts';
import type { SafetensorsFile } from './file.ts';
import { headerBytes, type TensorEntry } from './header.ts';

/** Bytes that are copied at a time. */
const chunk = 2 ** 24;

/**
 * Writes a file with its parameters' trained values and masks, and where units leave with what stays of each tensor. Where all stay it is
 * a copy that is edited in place, so that every other byte stays.
 */
export async function saveSafetensors(
  file: SafetensorsFile,
  target: string,
  { kept = new Map(), step }: TensorSaveOptions,
): Promise<void> {
  const { bytes, header, parameters } = file;
  if (![...kept.keys()].some((name) => file.entries.has(name))) {
    await copyPlain(bytes.path, target);
    await editRaw(target, [...parameters.values()], bytes.path, step);
    return;
  }
  const written = await open(target, 'wx');
  try {
    await written.writeFile(headerBytes({ ...header, entries: shrunkEntries(file, kept) }));
    for (const { name, begin, end } of header.entries) {
      await step?.();
      const parameter = parameters.get(name);
      if (parameter) {
        await written.writeFile(await keptBytes(file, parameter, kept.get(name)));
        continue;
      }
      for (let at = begin; at < end; at += chunk)
        await written.writeFile(await bytes.read(header.dataAt + at, Math.min(chunk, end - at)));
    }
  } finally {
    await written.close();
  }
}

/** Where the tensors lie without the units that leave. */
export function shrunkEntries(
  { header, parameters }: SafetensorsFile,
  kept: ReadonlyMap<string, KeptIndices>,
): TensorEntry[] {
  let begin = 0;
  return header.entries.map((entry) => {
    const parameter = parameters.get(entry.name);
    const shape = keptShape(entry.shape, kept.get(entry.name) ?? entry.shape.map(() => null));
    const length = parameter ? bytesOf({ ...parameter, shape }) : entry.end - entry.begin;
    const moved = { ...entry, shape, begin, end: begin + length };
    begin = moved.end;
    return moved;
  });
}

async function keptBytes(
  { bytes: file }: SafetensorsFile,
  parameter: RawParameter,
  kept: KeptIndices | undefined,
): Promise<Uint8Array> {
  const bytes = await file.read(parameter.at, bytesOf(parameter));
  await editBytes(parameter, bytes, file.path);
  return kept ? keepOf<Uint8Array>(bytes, parameter.shape, kept, byteSize[parameter.dtype]) : bytes;
}
