import { median } from './median.ts';
import type { Case, ProfiledCase, Row } from './results.ts';

/** A ratio to a peer that is to be reached, or a share of a step that is not to be exceeded. */
export type Target =
  | (Case & { readonly peer: Row['peer']; readonly atLeast: number })
  | (Case & { readonly overheadUnder: number });

const training = [
  { config: 'a', sparsity: 0, atLeast: 0.45 },
  { config: 'a', sparsity: 0.8, atLeast: 1.2 },
  { config: 'a', sparsity: 0.9, atLeast: 2 },
  { config: 'a', sparsity: 0.95, atLeast: 2.7 },
  { config: 'c', sparsity: 0, atLeast: 0.45 },
  { config: 'c', sparsity: 0.8, atLeast: 1.2 },
  { config: 'c', sparsity: 0.9, atLeast: 2 },
  { config: 'c', sparsity: 0.95, atLeast: 2.7 },
  { config: 'b', sparsity: 0, atLeast: 0.35 },
] as const;

const train2 = { pass: 'train', threads: 2 } as const;

export const targets: readonly Target[] = [
  ...training.map(
    (target): Target => ({ ...target, pass: 'train', threads: 2, engine: 'wasm', peer: 'pytorch' }),
  ),
  ...['a', 'c'].map(
    (config): Target => ({
      config,
      ...train2,
      sparsity: 0,
      engine: 'tensorflow',
      peer: 'keras',
      atLeast: 1,
    }),
  ),
  { config: 'a', ...train2, sparsity: 0, engine: 'tensorflow', peer: 'tfjs-node', atLeast: 10 },
  ...['a', 'c'].map(
    (config): Target => ({
      config,
      pass: 'forward',
      threads: 1,
      sparsity: 0.9,
      engine: 'wasm',
      peer: 'onnxruntime',
      atLeast: 1.2,
    }),
  ),
  ...['a', 'b', 'c'].flatMap((config): Target[] => [
    { config, ...train2, sparsity: 0, engine: 'wasm', overheadUnder: 0.15 },
    { config, ...train2, sparsity: 0.9, engine: 'wasm', overheadUnder: 0.15 },
    { config, ...train2, sparsity: 0, engine: 'tensorflow', overheadUnder: 0.15 },
  ]),
];

export interface Verdict {
  readonly target: Target;
  /** What was measured; absent where the run left it out. */
  readonly measured?: number;
  /**
   * The ratio to the median of the peer's times beside each level of ours: the peer computes the same each time, so what differs
   * from `measured` is noise.
   */
  readonly pooled?: number;
  /** By both of them. */
  readonly reached?: boolean;
}

/** Each target beside what was measured for it. */
export function judge(rows: readonly Row[], profiles: readonly ProfiledCase[]): Verdict[] {
  return targets.map((target) => {
    if ('overheadUnder' in target) {
      const measured = profiles.find((profile) => sameCase(profile, target))?.overhead;
      return measured === undefined
        ? { target }
        : { target, measured, reached: measured < target.overheadUnder };
    }
    const row = rows.find((candidate) => sameCase(candidate, target) && candidate.peer === target.peer);
    if (!row) return { target };
    const pooled = median(peerTimes(row, rows)) / row.ms;
    return { target, measured: row.ratio, pooled, reached: Math.min(row.ratio, pooled) >= target.atLeast };
  });
}

/** The peer's time at each level of ours; engines of ours share the peer's turns. */
function peerTimes(row: Row, rows: readonly Row[]): number[] {
  const keys = ['config', 'pass', 'threads', 'peer'] as const;
  const same = rows.filter((other) => keys.every((key) => other[key] === row[key]));
  return [...new Map(same.map(({ sparsity, peerMs }) => [sparsity, peerMs])).values()];
}

export function sameCase(one: Case, other: Case): boolean {
  const keys = ['config', 'pass', 'sparsity', 'threads', 'engine'] as const;
  return keys.every((key) => one[key] === other[key]);
}
