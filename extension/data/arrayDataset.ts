import type { SplitName } from '../protocol/report.ts';
import { UserError } from '../protocol/userError.ts';
import { checkFinite, checkTargetShape, inputShape, inputValues } from './check.ts';
import type { BareSamples, Dataset, ExpectedData, Part, PartName } from './dataset.ts';
import type { NamedParts, PartArrays } from './names.ts';
import { concatSamples, formatSampleShape, formatShape, sliceSamples } from './shapes.ts';
import { tailStart } from './split.ts';
import type { StoredArray } from './storedArray.ts';

/**
 * A dataset of stored arrays. `all` is every sample of the file, parts in the order train, val, test. Shapes and values
 * are checked when a part is loaded, so that a flaw elsewhere in the file stands in nobody's way.
 */
export function arrayDataset(
  file: string,
  { parts, whole }: NamedParts,
  expected: ExpectedData,
): Dataset<BareSamples> {
  const named = Object.entries(parts) as [SplitName, PartArrays][];
  // A training part alone is what there is to report from.
  const undivided = whole ?? (named.length === 1 ? parts.train : undefined);
  const result: Partial<Record<PartName, BarePart>> = {};
  if (undivided) {
    const count = countOf(undivided);
    const start = tailStart(count);
    if (start > 0) result.train = partOf(undivided, expected, 0, start);
    result.tail = partOf(undivided, expected, start, count);
    result.all = partOf(undivided, expected, 0, count);
  } else {
    for (const [name, arrays] of named) result[name] = wholePart(arrays, expected);
    result.all = joined(
      named.map(([, arrays]) => arrays),
      expected,
    );
  }
  return { file, parts: result, notes: [] };
}

type BarePart = Part<BareSamples>;

function wholePart(arrays: PartArrays, expected: ExpectedData): BarePart {
  return partOf(arrays, expected, 0, countOf(arrays));
}

function countOf({ inputs, targets }: PartArrays): number {
  return (targets ?? inputs[0]).shape[0] ?? 0;
}

/** Samples `from` up to `to` of the arrays. */
function partOf(arrays: PartArrays, expected: ExpectedData, from: number, to: number): BarePart {
  return { count: to - from, load: (signal) => loadPart(arrays, expected, { from, to }, signal) };
}

async function loadPart(
  arrays: PartArrays,
  expected: ExpectedData,
  { from, to }: { from: number; to: number },
  signal: AbortSignal | undefined,
): Promise<BareSamples> {
  const shapes = checkShapes(arrays, expected);
  const inputs = [];
  for (const [i, array] of arrays.inputs.entries()) {
    const { data } = await array.read(signal);
    const part = sliceSamples({ shape: shapes[i], data }, from, to);
    inputs.push(inputValues(array, part, expected.inputs[i], from));
  }
  const count = to - from;
  if (!arrays.targets) return { inputs, count };
  const targets = sliceSamples(await arrays.targets.read(signal), from, to);
  checkFinite(arrays.targets, targets, from);
  return { inputs, targets, count };
}

/** All that headers can tell, before any value is read; gives the shapes in which the arrays feed the inputs. */
function checkShapes({ inputs, targets }: PartArrays, expected: ExpectedData): (readonly number[])[] {
  const shapes = inputs.map((array, i) => inputShape(array, array.shape, expected.inputs[i].shape));
  if (targets && expected.output) checkTargetShape(targets, targets.shape, expected.output);
  const counted = targets ?? inputs[0];
  for (const { file, name, shape } of inputs) {
    if (shape[0] === counted.shape[0]) continue;
    throw new UserError('samplesDiffer', {
      file,
      x: name,
      xCount: shape[0],
      y: counted.name,
      yCount: counted.shape[0] ?? 0,
    });
  }
  if (counted.shape[0] === 0)
    throw new UserError('tooFewSamples', { file: counted.file, found: 0, expected: 1 });
  return shapes;
}

function joined(all: readonly PartArrays[], expected: ExpectedData): BarePart {
  const parts = all.map((arrays) => wholePart(arrays, expected));
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const load = async (signal?: AbortSignal) => {
    checkJoinable(all);
    const loaded: BareSamples[] = [];
    for (const part of parts) if (part.count > 0) loaded.push(await part.load(signal));
    if (loaded.length === 0) return parts[0].load(signal);
    const targets = loaded.flatMap(({ targets }) => targets ?? []);
    return {
      inputs: expected.inputs.map((_, i) => concatSamples(loaded.map(({ inputs }) => inputs[i]))),
      // Where a part has none, all of them together have none.
      ...(targets.length === loaded.length && { targets: concatSamples(targets) }),
      count,
    };
  };
  return { count, load };
}

/** Where the model leaves an axis free, the parts may differ from each other. */
function checkJoinable(all: readonly PartArrays[]): void {
  const [first, ...others] = all;
  for (const { inputs, targets } of others) {
    for (const [i, array] of inputs.entries()) checkSameSamples(first.inputs[i], array);
    if (first.targets && targets) checkSameSamples(first.targets, targets);
  }
}

function checkSameSamples(first: StoredArray, { file, name, shape }: StoredArray): void {
  const expected = formatSampleShape(first.shape);
  if (formatSampleShape(shape) === expected) return;
  throw new UserError('arrayShape', { file, array: name, expected, found: formatShape(shape) });
}
