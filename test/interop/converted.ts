import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConversionTarget } from '../../extension/protocol/conversion.ts';
import { runNode, runPython } from './environment.ts';
import type { PackedArray } from './packedArray.ts';

/** A model that was converted, and what it is run on. */
export interface Converted {
  readonly name: string;
  readonly path: string;
  readonly inputs: PackedArray[];
}

export type Result = { readonly outputs: PackedArray[] } | { readonly error: string };

/** Where a model is written to in a folder. */
export function outputIn(folder: string, stem: string, to: ConversionTarget): string {
  return join(folder, to === 'tfjs' ? `${stem}.tfjs/model.json` : `${stem}.${to}`);
}

/** Runs models by the owner of their format: ONNX Runtime behind ONNX' checker, Keras, or stock TensorFlow.js. */
export async function ownersResults(
  to: ConversionTarget,
  folder: string,
  list: readonly Converted[],
): Promise<Result[]> {
  const [asked, answered] = [join(folder, `asked.${to}.json`), join(folder, `answered.${to}.json`)];
  await writeFile(asked, JSON.stringify(list));
  if (to === 'tfjs') return JSON.parse(await runNode('tfjs/judge.ts', [asked])) as Result[];
  if (to === 'onnx') await runPython('runOnnx.py', [asked, answered]);
  else await runPython('convertModels.py', ['run', asked, answered]);
  return JSON.parse(await readFile(answered, 'utf8')) as Result[];
}
