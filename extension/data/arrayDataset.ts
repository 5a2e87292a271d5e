import type { SplitName } from '../protocol/report.ts';
import { UserError } from '../protocol/userError.ts';
import { checkFinite, checkTargetShape, inputShape, inputValues } from './check.ts';
import type { Dataset, ExpectedData, Part, PartName, Samples } from './dataset.ts';
import type { NamedParts, PartArrays } from './names.ts';
import { concatSamples, formatSampleShape, formatShape, sliceSamples } from './shapes.ts';
import { tailStart } from './split.ts';
import type { StoredArray } from './storedArray.ts';

/**
 * A dataset of stored arrays. `all` is every sample of the file, parts in the order train, val, test. Shapes and values
 * are checked when a part is loaded, so that a flaw elsewhere in the file stands in nobody's way.
 */
export function arrayDataset(file: string, { parts, whole }: NamedParts, expected: ExpectedData): Dataset {
  const named = Object.entries(parts) as [SplitName, PartArrays][];
  // A training part alone is what there is to report from.
  const undivided = whole ?? (named.length === 1 ? parts.train : undefined);
  const result: Partial<Record<PartName, Part>> = {};
  if (undivided) {
    const count = undivided.targets.shape[0] ?? 0;
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

function wholePart(arrays: PartArrays, expected: ExpectedData): Part {
  return partOf(arrays, expected, 0, arrays.targets.shape[0] ?? 0);
}

/** Samples `from` up to `to` of the arrays. */
function partOf(arrays: PartArrays, expected: ExpectedData, from: number, to: number): Part {
  return { count: to - from, load: (signal) => loadPart(arrays, expected, { from, to }, signal) };
}

async function loadPart(
  arrays: PartArrays,
  expected: ExpectedData,
  { from, to }: { from: number; to: number },
  signal: AbortSignal | undefined,
): Promise<Samples> {
  const shapes = checkShapes(arrays, expected);
  const inputs = [];
  for (const [i, array] of arrays.inputs.entries()) {
    const { data } = await array.read(signal);
    const part = sliceSamples({ shape: shapes[i], data }, from, to);
    inputs.push(inputValues(array, part, expected.inputs[i], from));
  }
  const targets = sliceSamples(await arrays.targets.read(signal), from, to);
  checkFinite(arrays.targets, targets, from);
  return { inputs, targets, count: to - from };
}

/** All that headers can tell, before any value is read; gives the shapes in which the arrays feed the inputs. */
function checkShapes({ inputs, targets }: PartArrays, expected: ExpectedData): (readonly number[])[] {
  const shapes = inputs.map((array, i) => inputShape(array, array.shape, expected.inputs[i].shape));
  if (expected.output) checkTargetShape(targets, targets.shape, expected.output);
  for (const { file, name, shape } of inputs) {
    if (shape[0] === targets.shape[0]) continue;
    throw new UserError('samplesDiffer', {
      file,
      x: name,
      xCount: shape[0],
      y: targets.name,
      yCount: targets.shape[0] ?? 0,
    });
  }
  if (targets.shape[0] === 0)
    throw new UserError('tooFewSamples', { file: targets.file, found: 0, expected: 1 });
  return shapes;
}

function joined(all: readonly PartArrays[], expected: ExpectedData): Part {
  const parts = all.map((arrays) => wholePart(arrays, expected));
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const load = async (signal?: AbortSignal) => {
    checkJoinable(all);
    const loaded: Samples[] = [];
    for (const part of parts) if (part.count > 0) loaded.push(await part.load(signal));
    if (loaded.length === 0) return parts[0].load(signal);
    return {
      inputs: expected.inputs.map((_, i) => concatSamples(loaded.map(({ inputs }) => inputs[i]))),
      targets: concatSamples(loaded.map(({ targets }) => targets)),
      count,
    };
  };
  return { count, load };
}

/** Where the model leaves an axis free, the parts may differ from each other. */
function checkJoinable(all: readonly PartArrays[]): void {
  const [first, ...others] = all.map(({ inputs, targets }) => [...inputs, targets]);
  for (const arrays of others) for (const [i, array] of arrays.entries()) checkSameSamples(first[i], array);
}

function checkSameSamples(first: StoredArray, { file, name, shape }: StoredArray): void {
  const expected = formatSampleShape(first.shape);
  if (formatSampleShape(shape) === expected) return;
  throw new UserError('arrayShape', { file, array: name, expected, found: formatShape(shape) });
}
