import type { ValueName } from './graph.ts';

/**
 * One step of taking layers out of a model: whoever reads `from` reads `to` from now on, the model's output among them. What then is read
 * by nobody goes; inputs stay. Both have one shape. Several are followed to the end: where `to` is the `from` of another one, its `to` is
 * read.
 */
export interface Redirection {
  readonly from: ValueName;
  readonly to: ValueName;
}

/** What is read in place of each value. */
export function endsOf(redirections: readonly Redirection[]): (name: ValueName) => ValueName {
  const targets = new Map(redirections.map(({ from, to }) => [from, to]));
  const ends = (name: ValueName): ValueName => {
    const next = targets.get(name);
    return next === undefined ? name : ends(next);
  };
  return ends;
}
