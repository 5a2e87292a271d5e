/** Names are told by patterns: `*` stands for any characters, `/` too; case counts. */

/** The patterns of a comma-separated list. */
export function patternsOf(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
}

/**
 * Whether a pattern stands for a name, or for one of those that it lies in: `lstm_1` for `lstm_1/kernel/i`, `rnn` for `rnn.l0/kernel`, too.
 */
export function fits(pattern: string, name: string): boolean {
  const words = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${words.join('.*')}([/.].*)?$`, 's').test(name);
}
