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
  /** What is promised depends on it: measured with every task, and before the others. */
  readonly main?: true;
}

/** Shares of weights at which the main ways are shown. */
export const allLevels = [0.5, 0.8, 0.9, 0.95];
const [high, half] = [[0.9], [0.5]];
/** Steps between two changes of a ramp, on both sides. */
export const frequency = 25;

function way(
  criterion: string,
  granularity: string,
  schedule: string,
  levels: readonly number[],
  more = '',
): Variant {
  const flags = ['--criterion', criterion, '--granularity', granularity, '--schedule', schedule];
  if (schedule === 'polynomial') flags.push('--frequency', String(frequency));
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
    levels: allLevels,
    untrained: true,
    main: true,
  };
}

/** The ways by which half of the hidden units are to go at little cost. */
export const units: readonly Variant[] = [
  { ...way('l2', 'unit', 'polynomial', half, '--shrink'), main: true },
  { ...way('fisher', 'unit', 'oneshot', half, '--shrink'), main: true },
];

/** By the criterion that costs least where nothing is trained after, beside PyTorch's by magnitude under the same schedule. */
export const byFisher = {
  oneshot: { ...way('fisher', 'weight', 'oneshot', high), main: true },
  polynomial: { ...way('fisher', 'weight', 'polynomial', [0.8, 0.9]), main: true },
} as const satisfies Record<string, Variant>;

/** What is worth showing; the first two against the same in PyTorch. */
export const variants: readonly Variant[] = [
  { ...way('magnitude', 'weight', 'oneshot', allLevels), peer: 'oneshot', main: true },
  { ...way('magnitude', 'weight', 'polynomial', allLevels), peer: 'polynomial', main: true },
  { ...way('magnitude', 'weight', 'polynomial', high, '--recovery distillation'), main: true },
  way('magnitude', 'weight', 'iterative', high),
  way('magnitude', 'weight', 'rigl', high),
  // What goes last has no time to recover where the learning rate has fallen by then.
  way('magnitude', 'weight', 'epoch', high, '--decay none'),
  way('wanda', 'weight', 'oneshot', high),
  way('taylor', 'weight', 'oneshot', high),
  byFisher.oneshot,
  byFisher.polynomial,
  way('gradient', 'weight', 'oneshot', high),
  way('movement', 'weight', 'polynomial', high),
  way('random', 'weight', 'oneshot', high),
  way('magnitude', 'block', 'polynomial', high),
  way('magnitude', 'bank', 'polynomial', high),
  way('magnitude', 'n:m', 'oneshot', half),
  way('l2', 'row', 'polynomial', half),
  way('l2', 'column', 'polynomial', half),
  ...units,
  way('activation', 'unit', 'polynomial', half, '--shrink'),
  way('activation-variance', 'unit', 'polynomial', half, '--shrink'),
  way('apoz', 'unit', 'polynomial', half, '--shrink'),
  way('fisher', 'unit', 'polynomial', half, '--shrink'),
  ...['magnitude', 'wanda', 'taylor', 'fisher', 'random'].map(untrained),
];
