import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeConverted } from '../../extension/conversion/convert.ts';
import { openModel } from '../../extension/formats/open.ts';
import { runPython } from './environment.ts';
import type { PackedArray } from './packedArray.ts';

interface Case {
  readonly name: string;
  readonly inputs: readonly PackedArray[];
}

/** What ONNX Runtime makes of a converted model, or what it, or ONNX' checker, has against it. */
export type OnnxResult = { readonly outputs: readonly PackedArray[] } | { readonly error: string };

/** Converts NAME.keras of each case that can be computed to NAME.onnx, checks it and runs it on the case's inputs: results by name. */
export async function onnxResults(folder: string, cases: readonly Case[]): Promise<Map<string, OnnxResult>> {
  const written: { name: string; path: string; inputs: readonly PackedArray[] }[] = [];
  for (const { name, inputs } of cases) {
    const model = await openModel(join(folder, `${name}.keras`));
    try {
      if (!model.graph) continue;
      const path = join(folder, `${name}.onnx`);
      await writeConverted('onnx', path, model.graph);
      written.push({ name, path, inputs });
    } finally {
      await model.close();
    }
  }
  const [list, results] = [join(folder, 'onnxCases.json'), join(folder, 'onnxResults.json')];
  await writeFile(list, JSON.stringify(written));
  await runPython('runOnnx.py', [list, results]);
  const found = JSON.parse(await readFile(results, 'utf8')) as OnnxResult[];
  return new Map(written.map(({ name }, i) => [name, found[i]]));
}
