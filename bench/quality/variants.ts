/** A way to prune, and at which targets it is shown. */
export interface Variant {
  readonly title: string;
  readonly flags: readonly string[];
  /** Shares of weights, or of hidden units. */
  readonly levels: readonly number[];
  /** Nothing is trained. */
  readonly untrained?: true;
  /** The same way in PyTorch. */
  readonly peer?: 'oneshot' | 'polynomial';
}

const allLevels = [0.5, 0.8, 0.9, 0.95];
const [high, half] = [[0.9], [0.5]];

function way(
  criterion: string,
  granularity: string,
  schedule: string,
  levels: readonly number[],
  more = '',
): Variant {
  const flags = ['--criterion', criterion, '--granularity', granularity, '--schedule', schedule];
  const extra = more === '' ? [] : more.split(' ');
  return {
    title: [criterion, granularity, schedule, ...(more === '' ? [] : [more.replaceAll('--', '')])].join(', '),
    flags: [...flags, ...extra],
    levels,
  };
}

function untrained(criterion: string): Variant {
  return {
    title: `${criterion}, weight, nothing trained`,
    flags: ['--criterion', criterion],
    levels: [0.5, 0.8, 0.9],
    untrained: true,
  };
}

/** What is worth showing; the first two against the same in PyTorch. */
export const variants: readonly Variant[] = [
  { ...way('magnitude', 'weight', 'oneshot', allLevels), peer: 'oneshot' },
  { ...way('magnitude', 'weight', 'polynomial', allLevels), peer: 'polynomial' },
  way('magnitude', 'weight', 'polynomial', high, '--recovery distillation'),
  way('magnitude', 'weight', 'polynomial', high, '--scope global'),
  way('magnitude', 'weight', 'iterative', high),
  way('magnitude', 'weight', 'rigl', high),
  way('magnitude', 'weight', 'epoch', high),
  way('wanda', 'weight', 'oneshot', high),
  way('taylor', 'weight', 'oneshot', high),
  way('fisher', 'weight', 'oneshot', high),
  way('gradient', 'weight', 'oneshot', high),
  way('movement', 'weight', 'polynomial', high),
  way('random', 'weight', 'oneshot', high),
  way('magnitude', 'block', 'polynomial', high),
  way('magnitude', 'bank', 'polynomial', high),
  way('l2', 'row', 'polynomial', half),
  way('l2', 'column', 'polynomial', half),
  way('l2', 'unit', 'polynomial', half, '--shrink'),
  way('activation', 'unit', 'polynomial', half, '--shrink'),
  way('fisher', 'unit', 'polynomial', half, '--shrink'),
  ...['magnitude', 'wanda', 'taylor', 'fisher', 'random'].map(untrained),
];
