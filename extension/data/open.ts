import { extname } from 'node:path';
import type { DataOptions } from '../protocol/recipe.ts';
import { UserError } from '../protocol/userError.ts';
import { arrayDataset } from './arrayDataset.ts';
import { openCsv } from './csv.ts';
import type { BareSamples, Dataset, ExpectedData } from './dataset.ts';
import { checkInputCount, findArrays, listed } from './names.ts';
import { openNpy } from './npy.ts';
import { openNpz } from './npz.ts';

/**
 * Opens the data that the options name: an .npz, a .csv, or .npy files. Arrays are found by their headers; their values
 * are read when a part is loaded. Throws `UserError`: dataNeeded, dataFormatUnknown, fileNotFound, dataDamaged,
 * arrayMissing, …
 */
export async function openData(options: DataOptions, expected: ExpectedData): Promise<Dataset> {
  // Where something names no targets it is refused.
  return (await open(options, { ...expected, unlabelled: false })) as Dataset;
}

/** The same where data without targets will do. */
export function openBareData(options: DataOptions, expected: ExpectedData): Promise<Dataset<BareSamples>> {
  return open(options, { ...expected, unlabelled: true });
}

async function open(options: DataOptions, expected: ExpectedData): Promise<Dataset<BareSamples>> {
  const { data: file, x, y } = options;
  if (file === undefined) return openNpyFiles(x, y, expected);
  switch (extname(file).toLowerCase()) {
    case '.npz': {
      const named = { ...(x !== undefined && { x }), ...(y !== undefined && { y }) };
      return arrayDataset(file, findArrays(file, await openNpz(file), expected, named), expected);
    }
    case '.csv':
    case '.tsv':
      return openCsv(file, options, expected);
    case '.npy':
      // One array is half of what is needed.
      throw new UserError('dataNeeded');
    default:
      throw new UserError('dataFormatUnknown', { file });
  }
}

async function openNpyFiles(
  x: string | undefined,
  y: string | undefined,
  expected: ExpectedData,
): Promise<Dataset<BareSamples>> {
  if (x === undefined || (y === undefined && !expected.unlabelled)) throw new UserError('dataNeeded');
  const paths = listed(x);
  checkInputCount(
    paths,
    expected.inputs.map(({ name }) => name),
  );
  for (const file of [...paths, ...(y === undefined ? [] : [y])]) {
    if (extname(file).toLowerCase() !== '.npy') throw new UserError('dataFormatUnknown', { file });
  }
  const inputs = [];
  for (const path of paths) inputs.push(await openNpy(path));
  const whole = { inputs, ...(y !== undefined && { targets: await openNpy(y) }) };
  return arrayDataset(paths[0], { parts: {}, whole }, expected);
}
