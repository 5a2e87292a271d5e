import type { SplitName } from '../protocol/report.ts';
import { UserError } from '../protocol/userError.ts';
import type { ExpectedData } from './dataset.ts';
import { formatShape } from './shapes.ts';
import type { StoredArray } from './storedArray.ts';

/** The arrays of one part: one a model input, and the targets where there are some. */
export interface PartArrays {
  readonly inputs: readonly StoredArray[];
  readonly targets?: StoredArray;
}

/** The parts that a file names, or its undivided samples. */
export interface NamedParts {
  readonly parts: Partial<Record<SplitName, PartArrays>>;
  readonly whole?: PartArrays;
}

type Arrays = ReadonlyMap<string, StoredArray>;

const splitNames = ['train', 'val', 'test'] as const satisfies readonly SplitName[];

/**
 * Finds the arrays of an .npz by their names: `x_train`/`y_train`, `x_val`/`y_val`, `x_test`/`y_test`, or `x`/`y` (in
 * capitals too; `x`/`y` beside a test or validation part is the training part). `--x` and `--y` replace x and y; a name
 * that is there as it is given stands alone, and one that ends like a part is that part. Models with several inputs look
 * for the inputs' own names. Where unlabelled data will do, a part may lack the targets unless `--y` asks for them. Throws
 * arrayMissing, arraysAmbiguous, inputCount.
 */
export function findArrays(
  file: string,
  arrays: Arrays,
  { inputs, unlabelled = false }: ExpectedData,
  options: { readonly x?: string; readonly y?: string },
): NamedParts {
  const names = inputs.map(({ name }) => name);
  const x = options.x === undefined ? undefined : listed(options.x);
  checkInputCount(x, names);
  const y = options.y?.trim();
  const given = x ?? (y === undefined ? [] : [y]);
  const suffix = commonSuffix(given);
  const defaultName = (base: string) => (suffix ? `${base}_${suffix}` : base);
  const xs = x ?? (names.length === 1 ? [defaultName(existing(arrays, 'x'))] : names.map(defaultName));
  const needsTargets = y !== undefined || !unlabelled;
  const bases = { xs, y: y ?? defaultName(existing(arrays, 'y')), needsTargets };

  for (const name of given) if (!known(arrays, name)) throw missing(file, arrays, name);
  const exact = given.length > 0 && isThere(arrays, bases);
  if (exact) {
    const whole = pick(file, arrays, bases);
    return suffix ? { parts: { [suffix]: whole } } : { parts: {}, whole };
  }
  return divided(file, arrays, bases, given);
}

/** Names or paths between commas. */
export function listed(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

export function checkInputCount(x: readonly string[] | undefined, names: readonly string[]): void {
  if (x === undefined || x.length === names.length) return;
  throw new UserError('inputCount', { found: x.length, expected: names.length, names: names.join(', ') });
}

interface Bases {
  readonly xs: readonly string[];
  readonly y: string;
  readonly needsTargets: boolean;
}

function divided(file: string, arrays: Arrays, bases: Bases, given: readonly string[]): NamedParts {
  const parts: Partial<Record<SplitName, PartArrays>> = {};
  for (const split of splitNames) {
    const named = { ...bases, xs: bases.xs.map((name) => `${name}_${split}`), y: `${bases.y}_${split}` };
    // One of them alone is a slip that would otherwise go unseen.
    if ([...named.xs, named.y].some((name) => arrays.has(name))) parts[split] = pick(file, arrays, named);
  }
  if (Object.keys(parts).length === 0) {
    if (given.length === 0 && !known(arrays, bases.xs[0])) {
      throw new UserError('arraysAmbiguous', { file, found: describe(arrays) });
    }
    return { parts, whole: pick(file, arrays, bases) };
  }
  if (isThere(arrays, bases) && !parts.train) parts.train = pick(file, arrays, bases);
  return { parts };
}

/** Whether all that is needed is there by exactly these names. */
function isThere(arrays: Arrays, { xs, y, needsTargets }: Bases): boolean {
  return xs.every((name) => arrays.has(name)) && (!needsTargets || arrays.has(y));
}

function pick(file: string, arrays: Arrays, { xs, y, needsTargets }: Bases): PartArrays {
  const array = (name: string) => {
    const found = arrays.get(name);
    if (!found) throw missing(file, arrays, name);
    return found;
  };
  const targets = needsTargets ? array(y) : arrays.get(y);
  return { inputs: xs.map(array), ...(targets && { targets }) };
}

function describe(arrays: Arrays): string {
  return [...arrays].map(([name, { shape }]) => `${name} ${formatShape(shape)}`).join(', ');
}

/** The base in capitals where only that is there. */
function existing(arrays: Arrays, base: string): string {
  return !known(arrays, base) && known(arrays, base.toUpperCase()) ? base.toUpperCase() : base;
}

/** There as it is or with the ending of a part. */
function known(arrays: Arrays, name: string): boolean {
  return arrays.has(name) || splitNames.some((split) => arrays.has(`${name}_${split}`));
}

function missing(file: string, arrays: Arrays, array: string): UserError {
  return new UserError('arrayMissing', { file, array, found: describe(arrays) });
}

function commonSuffix(names: readonly string[]): SplitName | undefined {
  if (names.length === 0) return undefined;
  return splitNames.find((split) => names.every((name) => name.endsWith(`_${split}`)));
}
