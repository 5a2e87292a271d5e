import { type LabelName, listOf, type Say } from './labels.ts';
import type { Numbers } from './numbers.ts';
import { parsePattern } from './patterns.ts';
import type {
  CriterionName,
  GranularityName,
  MatchName,
  Recipe,
  RecoveryName,
  ScheduleName,
  ScopeName,
} from './recipe.ts';
import { absentKeys } from './recipeRules.ts';

export const criterionLabels = {
  magnitude: 'criterionMagnitude',
  threshold: 'criterionThreshold',
  l1: 'criterionL1',
  l2: 'criterionL2',
  gradient: 'criterionGradient',
  taylor: 'criterionTaylor',
  fisher: 'criterionFisher',
  movement: 'criterionMovement',
  wanda: 'criterionWanda',
  activation: 'criterionActivation',
  'activation-variance': 'criterionActivationVariance',
  apoz: 'criterionApoz',
  'input-importance': 'criterionInputImportance',
  random: 'criterionRandom',
} as const satisfies Record<CriterionName, LabelName>;

export const granularityLabels = {
  weight: 'granularityWeight',
  block: 'granularityBlock',
  'n:m': 'granularityNm',
  bank: 'granularityBank',
  row: 'granularityRow',
  column: 'granularityColumn',
  unit: 'granularityUnit',
  layer: 'granularityLayer',
} as const satisfies Record<GranularityName, LabelName>;

export const scopeLabels = {
  gate: 'scopeGate',
  matrix: 'scopeMatrix',
  layer: 'scopeLayer',
  global: 'scopeGlobal',
} as const satisfies Record<ScopeName, LabelName>;

export const scheduleLabels = {
  oneshot: 'scheduleOneshot',
  constant: 'scheduleConstant',
  polynomial: 'schedulePolynomial',
  iterative: 'scheduleIterative',
  rigl: 'scheduleRigl',
  epoch: 'scheduleEpoch',
} as const satisfies Record<ScheduleName, LabelName>;

export const recoveryLabels = {
  supervised: 'recoverySupervised',
  unsupervised: 'recoveryUnsupervised',
  distillation: 'recoveryDistillation',
} as const satisfies Record<RecoveryName, LabelName>;

/** What a recipe does, in words: what judges, what goes together, over what, how much, when, and how the model recovers. */
export function recipeFacts(recipe: Recipe, say: Say, numbers: Numbers): [label: LabelName, text: string][] {
  const { criterion = absentKeys.criterion, scope, epochs = 0 } = recipe;
  return [
    ['criterion', say(criterionLabels[criterion])],
    ['granularity', granularityText(recipe, say)],
    ...(scope ? [['scope', say(scopeLabels[scope])] satisfies [LabelName, string]] : []),
    ['target', targetText(recipe, say, numbers)],
    ['schedule', scheduleText(recipe, say, numbers)],
    ...(epochs > 0 ? [['recovery', recoveryText(recipe, say, numbers)] satisfies [LabelName, string]] : []),
  ];
}

/** What goes as one, with its size. */
export function granularityText(recipe: Recipe, say: Say): string {
  const { granularity = absentKeys.granularity, block, pattern, bank, shrink } = recipe;
  if (granularity === 'block' && block !== undefined) return say('blocksOf', { size: block.trim() });
  const parsed = granularity === 'n:m' && pattern !== undefined ? parsePattern(pattern) : undefined;
  if (parsed) return say('patternOf', { kept: parsed.kept, of: parsed.of });
  if (granularity === 'bank' && bank !== undefined) return say('banksOf', { size: bank });
  return say(granularity === 'unit' && shrink ? 'unitsRemoved' : granularityLabels[granularity]);
}

function targetText(recipe: Recipe, say: Say, numbers: Numbers): string {
  const { gates, targets } = recipe;
  const own = Object.entries({ ...gates, ...targets }).map(([name, share]) =>
    say('targetOfName', { name, share: numbers.percent(share) }),
  );
  const whole = wholeTarget(recipe, say, numbers);
  return listOf(whole === undefined ? own : [whole, ...own], say);
}

const groups: readonly GranularityName[] = ['block', 'row', 'column', 'unit', 'layer'];

/** The target of all that has none of its own. */
function wholeTarget(recipe: Recipe, say: Say, numbers: Numbers): string | undefined {
  const { criterion, granularity, sparsity, k, pattern = '' } = recipe;
  const { maxParameters, maxBytes, maxMultiplyAdds } = recipe;
  if (criterion === 'threshold')
    return k === undefined ? undefined : say('targetThreshold', { k: numbers.rate(k) });
  if (maxParameters !== undefined) return say('targetParameters', { count: numbers.count(maxParameters) });
  if (maxBytes !== undefined) return say('targetBytes', { size: numbers.bytes(maxBytes) });
  if (maxMultiplyAdds !== undefined)
    return say('targetMultiplyAdds', { count: numbers.count(maxMultiplyAdds) });
  const parsed = granularity === 'n:m' ? parsePattern(pattern) : undefined;
  const share = parsed ? 1 - parsed.kept / parsed.of : sparsity;
  // A share of groups, where these are counted.
  const counted = granularity && groups.includes(granularity) ? 'targetOfGroups' : 'zero';
  return share === undefined ? undefined : say(counted, { share: numbers.percent(share) });
}

function scheduleText(recipe: Recipe, say: Say, numbers: Numbers): string {
  const { schedule = absentKeys.schedule, begin, end, frequency, rounds, dropFraction } = recipe;
  const count = (value: number) => numbers.count(value);
  const parts = [say(scheduleLabels[schedule])];
  if (begin !== undefined && end !== undefined && frequency !== undefined)
    parts.push(say('stepsOfSchedule', { begin: count(begin), end: count(end), frequency: count(frequency) }));
  if (rounds !== undefined) parts.push(say('roundsOfSchedule', { count: count(rounds) }));
  if (dropFraction !== undefined)
    parts.push(say('exchangedAtFirst', { share: numbers.percent(dropFraction) }));
  return listOf(parts, say);
}

const matchLabels = { kl: 'matchKl', mse: 'matchMse' } as const satisfies Record<MatchName, LabelName>;

/** What a training learns from, and how outputs are compared with the original's. */
export function recoveryText(
  {
    recovery = absentKeys.recovery,
    match,
    temperature,
    mix,
  }: Pick<Recipe, 'recovery' | 'match' | 'temperature' | 'mix'>,
  say: Say,
  numbers: Numbers,
): string {
  const parts = [say(recoveryLabels[recovery])];
  if (match !== undefined) parts.push(say(matchLabels[match]));
  if (temperature !== undefined) parts.push(say('temperatureOf', { value: numbers.rate(temperature) }));
  if (mix !== undefined) parts.push(say('mixOf', { share: numbers.percent(mix) }));
  return listOf(parts, say);
}
