import type { Say } from './labels.ts';
import type { Numbers } from './numbers.ts';
import type { SearchProgress } from './requests.ts';

/** How far a search is, in one short line: the trial and what it aims at, the best so far, the time left. */
export function searchText(progress: SearchProgress, say: Say, numbers: Numbers): string {
  const { trial, trials, sparsity, best, secondsLeft } = progress;
  const parts = [trials === undefined ? say('trialNumber', { trial }) : say('trialOf', { trial, trials })];
  parts.push(say('aimedAt', { sparsity: numbers.percent(sparsity) }));
  if (best) parts.push(say('bestSoFar', { sparsity: numbers.percent(best.sparsity) }));
  if (secondsLeft !== undefined) parts.push(say('secondsLeft', { time: numbers.duration(secondsLeft) }));
  return parts.join(' · ');
}
