import type { WeightGroup } from './manifest.ts';

/** What TensorFlow.js cuts the bytes of a group into: what browsers keep in their caches. */
const usualShard = 4 * 2 ** 20;

/** A file of a group's bytes, and how many it takes. */
export interface ShardCut {
  readonly path: string;
  readonly size: number;
}

/**
 * Cuts the bytes of a group anew: into files of the size that they had, under their own names. Where there are more or fewer of them then,
 * the count changes in names such as `group1-shard2of3.bin`; under other names, the last file takes what is left over.
 * @param sizes of the files that the group has
 */
export function shardCuts(
  { paths }: Pick<WeightGroup, 'paths'>,
  sizes: readonly number[],
  total: number,
): ShardCut[] {
  if (sizes.reduce((sum, size) => sum + size, 0) === total)
    return paths.map((path, i) => ({ path, size: sizes[i] }));
  const counted = paths.every((path) => countedName.test(path));
  const most = sizes.length > 1 ? Math.max(sizes[0], 1) : counted ? usualShard : total;
  const needed = Math.ceil(total / Math.max(most, 1));
  const count = counted ? needed : Math.min(needed, paths.length);
  return Array.from({ length: count }, (_, i) => {
    const left = total - i * most;
    const path = counted && count !== paths.length ? renamed(paths[0], i, count) : paths[i];
    return { path, size: i === count - 1 ? left : most };
  });
}

const countedName = /shard\d+of\d+(?=[^/]*$)/;

function renamed(path: string, i: number, count: number): string {
  return path.replace(countedName, `shard${i + 1}of${count}`);
}
