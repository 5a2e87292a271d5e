import type { FoundCell } from './cells.ts';
import type { Scope } from './scopes.ts';

/** Scopes that TensorFlow makes by itself. */
const wrapping = /^((Stateful)?PartitionedCall|Func|StatelessWhile)(_\d+)?$/;

/**
 * What a cell is called: where its kernel is called so by its layer, as in TensorFlow 1, by that; else by where its loop stands. Directions
 * of a Bidirectional end like everywhere.
 */
export function layerName({ kernel, path }: FoundCell, { caller }: Scope): string {
  const [{ weight }] = kernel;
  const loop = caller?.operation.name ?? path;
  const place = /\/kernel(\/read)?$/.test(weight)
    ? weight.replace(/\/kernel(\/read)?$/, '')
    : beforeLoop(loop);
  const parts = place.split('/').filter((part) => !wrapping.test(part));
  const last = parts.at(-1) ?? place;
  const direction = /^(forward|backward)_/.exec(last)?.[1];
  return direction && parts.length > 1
    ? [...parts.slice(0, -1), direction].join('/')
    : parts.join('/') || place;
}

/** Unrolled, there is none: then the cell of every step is numbered. */
function beforeLoop(path: string): string {
  const [before] = path.split(/\/while(?:_\d+)?(?:\/|$)/);
  return before === path ? path.replace(/\/\w+_cell(_\d+)?$/, '') : before;
}

/** Names that are all different, without the path that all of them share. */
export function distinctNames(names: readonly string[]): string[] {
  const split = names.map((name) => name.split('/'));
  let common = 0;
  while (split.every((parts) => parts.length > common + 1 && parts[common] === split[0][common])) common++;
  const seen = new Map<string, number>();
  // One layer alone keeps its own name, and a direction that of its layer.
  return split.map((parts) => {
    const left = parts.slice(Math.min(common, parts.length - (isDirection(parts.at(-1)) ? 2 : 1)));
    const name = left.join('/');
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}_${count}`;
  });
}

function isDirection(part: string | undefined): boolean {
  return part === 'forward' || part === 'backward';
}
