import type { DataOptions } from '../protocol/recipe.ts';
import { UserError } from '../protocol/userError.ts';
import { checkFinite, checkTargetShape, inputShape, inputValues } from './check.ts';
import { type ChosenColumns, type Column, chooseColumns } from './csvColumns.ts';
import { readCsv } from './csvTable.ts';
import type { BareSamples, Dataset, ExpectedData, Part, PartName } from './dataset.ts';
import { checkSize } from './files.ts';
import { scaleColumn } from './scale.ts';
import { tailStart } from './split.ts';
import {
  cutWindows,
  rowsNeeded,
  trainingWindows,
  type Windowing,
  windowCount,
  windowsApart,
} from './windows.ts';

/**
 * A series in a .csv, cut into windows. Scaling is fitted on the rows of the training windows. Throws tooFewRows,
 * windowNeeded, invalidValue, csvSeveralInputs, and what reading the table throws.
 */
export async function openCsv(
  file: string,
  options: DataOptions,
  expected: ExpectedData,
): Promise<Dataset<BareSamples>> {
  if (expected.inputs.length !== 1) {
    throw new UserError('csvSeveralInputs', { file, count: expected.inputs.length });
  }
  const [{ shape }] = expected.inputs;
  const windowing = windowingOf(file, options, shape[1] ?? null);
  const widths = {
    inputs: shape.length > 2 ? (shape.at(-1) ?? null) : 1,
    outputs: expected.output?.at(-1) ?? null,
  };
  const table = await readCsv(file);
  const rows = table.rows.length;
  const count = windowCount(rows, windowing);
  if (count === 0) throw tooFewRows(file, rows, windowing, 1);
  const raw = chooseColumns(table, options, widths, expected.unlabelled);

  const training = trainingWindows(count, windowing);
  const { scale = 'none' } = options;
  if (scale !== 'none' && training === 0)
    throw tooFewRows(file, rows, windowing, fewestWithTraining(windowing));
  const fitted = rowsNeeded(training, windowing);
  const columns = {
    x: raw.x.map((column) => scaleColumn(column, scale, fitted)),
    y: raw.y.map((column) => scaleColumn(column, scale, fitted)),
  };
  const part = (from: number, to: number): Part<BareSamples> => ({
    count: to - from,
    load: async () => loadWindows(file, columns, windowing, expected, { from, to }),
    apartFrom: (start) => windowsApart(start, windowing),
  });
  const parts: Partial<Record<PartName, Part<BareSamples>>> = {};
  if (training > 0) parts.train = part(0, training);
  parts.tail = part(tailStart(count), count);
  parts.all = part(0, count);
  return { file, parts, notes: scale === 'none' ? [] : [{ code: 'noteScaled', args: { scale } }] };
}

function loadWindows(
  file: string,
  columns: ChosenColumns,
  windowing: Windowing,
  { inputs, output }: ExpectedData,
  range: { readonly from: number; readonly to: number },
): BareSamples {
  const xLabel = { file, name: namesOf(columns.x) };
  const yLabel = { file, name: namesOf(columns.y) };
  const count = range.to - range.from;
  const bytes = count * windowing.window * columns.x.length * Float32Array.BYTES_PER_ELEMENT;
  checkSize(file, xLabel.name, bytes);
  const { x, y } = cutWindows(columns.x, columns.y, windowing, range);
  const shaped = { shape: inputShape(xLabel, x.shape, inputs[0].shape), data: x.data };
  const values = inputValues(xLabel, shaped, inputs[0], range.from);
  if (columns.y.length === 0) return { inputs: [values], count };
  if (output) checkTargetShape(yLabel, y.shape, output);
  checkFinite(yLabel, y, range.from);
  return { inputs: [values], targets: y, count };
}

function namesOf(columns: readonly Column[]): string {
  return columns.map(({ name }) => name).join(', ');
}

/** The window is the model's fixed length, which the option may only confirm; a model of any length needs the option. */
function windowingOf(file: string, options: DataOptions, length: number | null): Windowing {
  const { window = length, horizon = 1, stride = 1 } = options;
  if (window === null) throw new UserError('windowNeeded', { file });
  if (length !== null && window !== length) {
    throw new UserError('invalidValue', { option: 'window', value: window, expected: length });
  }
  return { window, horizon, stride };
}

/** Fewest windows of which the first 80 % hold one that shares no row with the rest. */
function fewestWithTraining(windowing: Windowing): number {
  let count = 1;
  while (trainingWindows(count, windowing) === 0) count++;
  return count;
}

function tooFewRows(file: string, found: number, windowing: Windowing, windows: number): UserError {
  const { window, horizon } = windowing;
  return new UserError('tooFewRows', {
    file,
    found,
    window,
    horizon,
    expected: rowsNeeded(windows, windowing),
  });
}
