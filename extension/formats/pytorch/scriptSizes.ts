import { UserError } from '../../protocol/userError.ts';
import type { ModuleSize, SizeName } from '../stateDict/moduleSizes.ts';
import type { ModuleParts } from './moduleTree.ts';
import { longestLine, scriptLines } from './scriptLines.ts';

/**
 * Sources of a TorchScript archive with other sizes. The compiler has written the sizes of PyTorch's own modules into their classes as numbers;
 * those are replaced where they are known by what stands around them, and nothing moves, since debug information counts bytes. In any
 * other code a number that is equal to a size that changes may mean anything. Throws `UserError` reasonTorchCode, which names it.
 * @returns those that change
 */
export function resizedSources(
  sources: ReadonlyMap<string, string>,
  modules: ReadonlyMap<string, ModuleParts>,
  sizes: readonly ModuleSize[],
): Map<string, string> {
  const changing = sizes.filter(({ before, after }) => before !== after);
  const ofTorch = new Set(
    [...modules.values()].flatMap(({ isOfTorch, className }) => (isOfTorch ? className : [])),
  );
  const sizesOf = Map.groupBy(sizes, ({ path }) => modules.get(path)?.className ?? '');
  const resized = new Map<string, string>();
  for (const [file, source] of sources) {
    const lines = Array.from(scriptLines(file, source), ({ text, className = '' }, i) => {
      const place = `${file}, ${i + 1}`;
      if (!ofTorch.has(className)) return checkedLine(text, changing, place);
      return resizedLine(text, sizesOf.get(className) ?? [], place);
    });
    const text = lines.join('\n');
    if (text !== source) resized.set(file, text);
  }
  return resized;
}

/** Whole numbers; not parts of names, of fractions and of exponents. */
const wholeNumber = /(?<![\w.]|e[-+])\d+(?![\w.])/g;

/** Of what is in quotes as many blanks are left. */
function withoutTexts(line: string): string {
  if (line.length > longestLine) return line;
  return line.replace(/"(?:[^"\\]|\\.)*"/g, (text) => ' '.repeat(text.length));
}

function checkedLine(line: string, changing: readonly ModuleSize[], place: string): string {
  for (const [number] of withoutTexts(line).matchAll(wholeNumber))
    if (changing.some(({ before }) => before === Number(number))) throw contradicts(number, place);
  return line;
}

/** Where numbers of PyTorch's own modules stand, and which sizes they can be. */
const meanings: readonly (readonly [RegExp, readonly SizeName[]])[] = [
  // Of a state: [layers, batch, hidden], [batch, hidden], (layers, mini_batch, hidden)
  [/(?:zeros\(|= )\[.*, (\d+)\]/d, ['hidden_size', 'proj_size']],
  [/return \(\d+, \w+, (\d+)\)/d, ['hidden_size', 'proj_size']],
  [/\b(\d+), torch\.size\(\w+, -1\)/d, ['input_size']],
  [/\(\w+, \[(\d+)\], \w+, \w+/d, ['normalized_shape']],
  [/normalized_shape : Final\[Tuple\[int\]\] = \((\d+),\)/d, ['normalized_shape']],
];

function resizedLine(line: string, own: readonly ModuleSize[], place: string): string {
  const plain = withoutTexts(line);
  const [, constant] = /^\s+(\w+) : Final\[int\] = \d+$/.exec(plain) ?? [];
  // Further constants, such as num_layers, are what their names say.
  if (constant !== undefined && !own.some(({ name }) => name === constant)) return line;
  let resized = line;
  for (const found of plain.matchAll(wholeNumber)) {
    const [number] = found;
    const equal = own.filter(({ before }) => before === Number(number));
    if (equal.every(({ before, after }) => before === after)) continue;
    const names = constant !== undefined ? [constant] : namesAt(plain, found.index);
    const after = new Set(equal.filter(({ name }) => names.includes(name)).map((size) => size.after));
    const [size] = after;
    if (size === undefined || after.size > 1) throw contradicts(number, place);
    const text = String(size).padStart(number.length);
    if (text.length > number.length) throw contradicts(number, place);
    resized = resized.slice(0, found.index) + text + resized.slice(found.index + number.length);
  }
  return resized;
}

function namesAt(line: string, at: number): readonly string[] {
  if (line.length > longestLine) return [];
  return meanings.find(([pattern]) => pattern.exec(line)?.indices?.[1]?.[0] === at)?.[1] ?? [];
}

function contradicts(number: string, place: string): UserError {
  return new UserError('reasonTorchCode', { size: Number(number), place });
}
