import { nodeOf, type PickleEntry, type PickleValue } from '../pickle/values.ts';
import type { ModuleSize, SizeName } from '../stateDict/moduleSizes.ts';
import type { ModuleParts } from './moduleTree.ts';

/** A number among a module's attributes that is one of its sizes, or of those of the modules below it. */
export interface SizeAttribute {
  /** `encoder.hidden_size` */
  readonly name: string;
  /** Byte of the pickle at which the number's opcode begins; absent where it stands in a way that cannot be replaced. */
  readonly place?: number;
  readonly before: number;
  /**
   * What it may become: one number where the attribute's name says which size it is and all such sizes agree; none where nothing says so.
   */
  readonly after: readonly number[];
}

/** Names that people give to the size that PyTorch calls so. */
const freeNames: readonly (readonly [RegExp, SizeName])[] = [
  [/^(?!.*layer).*(hid|units?$|(rnn|lstm|gru|cell|state)_?(size|dim))|^_?h$/i, 'hidden_size'],
  [/proj/i, 'proj_size'],
  [/emb/i, 'embedding_dim'],
];

/**
 * The attributes that say sizes: those that PyTorch's own modules were made with, and whole numbers of other modules that are equal to
 * a size that changes.
 */
export function sizeAttributes(
  modules: ReadonlyMap<string, ModuleParts>,
  sizes: readonly ModuleSize[],
): SizeAttribute[] {
  return [...modules].flatMap(([path, module]) => {
    const own = sizes.filter((size) => size.path === path);
    const below = sizes.filter((size) => isBelow(size.path, path));
    return module.attributes.flatMap((entry): SizeAttribute[] => {
      const [key] = entry;
      if (typeof key !== 'string') return [];
      const name = path === '' ? key : `${path}.${key}`;
      const stated = own.find((size) => size.name === key);
      return numbersOf(entry).flatMap((number): SizeAttribute[] => {
        if (stated)
          return [{ name, ...number, after: stated.before === number.before ? [stated.after] : [] }];
        const equal = below.filter(({ before }) => before === number.before);
        if (module.isOfTorch || equal.every(({ before, after }) => before === after)) return [];
        const meant = equal.filter((size) => size.name === sizeNameOf(key));
        return [{ name, ...number, after: [...new Set(meant.map(({ after }) => after))] }];
      });
    });
  });
}

function sizeNameOf(attribute: string): string {
  return freeNames.find(([pattern]) => pattern.test(attribute))?.[1] ?? attribute;
}

function isBelow(path: string, parent: string): boolean {
  return parent === '' || path === parent || path.startsWith(`${parent}.`);
}

interface PlacedNumber {
  readonly before: number;
  readonly place?: number;
}

/** A whole number, or those of a tuple, as `normalized_shape` has one, or of a list. */
function numbersOf([, value, place]: PickleEntry): PlacedNumber[] {
  const tuple = nodeOf(value, 'tuple');
  if (tuple) return tuple.items.flatMap((item, i) => placed(item, tuple.places[i]));
  return nodeOf(value, 'list')?.items.flatMap((item) => placed(item)) ?? placed(value, place);
}

function placed(value: PickleValue, place?: number): PlacedNumber[] {
  if (typeof value !== 'number' || !Number.isInteger(value)) return [];
  return [{ before: value, ...(place !== undefined && { place }) }];
}
