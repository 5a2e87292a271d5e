import { UserError } from '../../protocol/userError.ts';
import type { ModuleSize, SizeName } from '../stateDict/moduleSizes.ts';
import type { ModuleParts } from './moduleTree.ts';
import { longestLine, scriptLines, withoutTexts } from './scriptLines.ts';

/**
 * Sources of a TorchScript archive with other sizes. The compiler has written the sizes of PyTorch's own modules into their classes as
 * numbers; those are replaced where they are known by what stands around them, and nothing moves, since debug information counts bytes. In
 * any other code a number that is equal to a size that changes may mean anything. Throws `UserError` reasonTorchCode, which names it.
 * @returns those that change
 */
export function resizedSources(
  sources: ReadonlyMap<string, string>,
  modules: ReadonlyMap<string, ModuleParts>,
  sizes: readonly ModuleSize[],
): Map<string, string> {
  const changing = new Set(sizes.filter(({ before, after }) => before !== after).map(({ before }) => before));
  const ofTorch = new Set(
    [...modules.values()].flatMap(({ isOfTorch, className }) => (isOfTorch ? className : [])),
  );
  const sizesOf = Map.groupBy(sizes, ({ path }) => modules.get(path)?.className ?? '');
  const ownOf = new Map([...sizesOf].map(([className, own]) => [className, classSizes(own)]));
  const resized = new Map<string, string>();
  for (const [file, source] of sources) {
    const parts: string[] = [];
    let done = 0;
    for (const { text, at, number, className } of scriptLines(file, source)) {
      if (!holdsOneOf(text, changing)) continue;
      const refuse = (size: string) => contradicts(size, `${file}, ${number}`);
      if (!ofTorch.has(className)) checkLine(text, changing, refuse);
      else {
        const line = resizedLine(text, ownOf.get(className) ?? noSizes, refuse);
        if (line === text) continue;
        parts.push(source.slice(done, at), line);
        done = at + text.length;
      }
    }
    if (parts.length > 0) resized.set(file, parts.join('') + source.slice(done));
  }
  return resized;
}

/** Tells most lines of a large source, which hold none, in little time. */
function holdsOneOf(line: string, numbers: ReadonlySet<number>): boolean {
  for (const [digits] of line.matchAll(/\d+/g)) if (numbers.has(Number(digits))) return true;
  return false;
}

/** Sizes of all modules of a class. */
interface ClassSizes {
  readonly names: ReadonlySet<string>;
  /** Those of each number that changes for one of them. */
  readonly changing: ReadonlyMap<number, readonly ModuleSize[]>;
}

const noSizes: ClassSizes = { names: new Set(), changing: new Map() };

function classSizes(own: readonly ModuleSize[]): ClassSizes {
  const equal = Map.groupBy(own, ({ before }) => before);
  const changing = [...equal].filter(([, some]) => some.some(({ before, after }) => before !== after));
  return { names: new Set(own.map(({ name }) => name)), changing: new Map(changing) };
}

/** Whole numbers; not parts of names, of fractions and of exponents. */
const wholeNumber = /(?<![\w.]|e[-+])\d+(?![\w.])/g;

function checkLine(line: string, changing: ReadonlySet<number>, refuse: (number: string) => UserError): void {
  for (const [number] of withoutTexts(line).matchAll(wholeNumber))
    if (changing.has(Number(number))) throw refuse(number);
}

/**
 * Where numbers of PyTorch's own modules stand, and which sizes they can be. Each goes over a line once, whatever is in it: code may be
 * made of lines that are all but matches.
 */
const meanings: readonly (readonly [(line: string) => number | undefined, readonly SizeName[]])[] = [
  [endOfState, ['hidden_size', 'proj_size']],
  [first(/return \(\d+, \w+, (\d+)\)/d), ['hidden_size', 'proj_size']],
  [first(/\b(\d+), torch\.size\(\w+, -1\)/d), ['input_size']],
  [first(/\(\w+, \[(\d+)\], \w+, \w+/d), ['normalized_shape']],
  [first(/normalized_shape : Final\[Tuple\[int\]\] = \((\d+),\)/d), ['normalized_shape']],
];

/** Where a number begins that a pattern has as its group. */
function first(pattern: RegExp): (line: string) => number | undefined {
  return (line) => pattern.exec(line)?.indices?.[1]?.[0];
}

/** The last length of a state: [layers, batch, hidden], [batch, hidden], (layers, mini_batch, hidden) */
function endOfState(line: string): number | undefined {
  const from = line.search(/zeros\(\[|= \[/);
  if (from < 0) return undefined;
  const last = [...line.slice(from).matchAll(/, (?=\d+\])/g)].at(-1);
  return last && from + last.index + 2;
}

function resizedLine(
  line: string,
  { names, changing }: ClassSizes,
  refuse: (number: string) => UserError,
): string {
  const plain = withoutTexts(line);
  let resized = line;
  for (const found of plain.matchAll(wholeNumber)) {
    const [number] = found;
    const equal = changing.get(Number(number));
    if (!equal) continue;
    const [, constant] = /^\s+(\w+) : Final\[int\] = \d+$/.exec(plain) ?? [];
    // Further constants, such as num_layers, are what their names say.
    if (constant !== undefined && !names.has(constant)) return line;
    const meant = constant !== undefined ? [constant] : namesAt(plain, found.index);
    const after = new Set(equal.filter(({ name }) => meant.includes(name)).map((size) => size.after));
    const [size] = after;
    if (size === undefined || after.size > 1) throw refuse(number);
    const text = String(size).padStart(number.length);
    if (text.length > number.length) throw refuse(number);
    resized = resized.slice(0, found.index) + text + resized.slice(found.index + number.length);
  }
  return resized;
}

function namesAt(line: string, at: number): readonly string[] {
  if (line.length > longestLine) return [];
  return meanings.find(([placeIn]) => placeIn(line) === at)?.[1] ?? [];
}

function contradicts(number: string, place: string): UserError {
  return new UserError('reasonTorchCode', { size: Number(number), place });
}
