import { parseArgs } from 'node:util';
import { UserError } from '../protocol/userError.ts';

/** Whether a flag takes a value. */
export type FlagTypes = ReadonlyMap<string, 'string' | 'boolean'>;

/**
 * The values of a command's flags, and what stands between them. Throws flagUnknown, flagNeedsValue, flagBeforeFlag or
 * flagTakesNone.
 */
export function parseFlags(command: string, args: string[], types: FlagTypes) {
  const options = Object.fromEntries([...types].map(([name, type]) => [name, { type }]));
  // By itself Node would refuse the same, but in English only.
  const { values, positionals, tokens } = parseArgs({ args, options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName: flag, value, inlineValue } = token;
    const type = types.get(name);
    if (type === undefined) throw new UserError('flagUnknown', { command, flag });
    if (type === 'boolean') {
      if (value !== undefined) throw new UserError('flagTakesNone', { flag });
      continue;
    }
    if (value === undefined) throw new UserError('flagNeedsValue', { flag });
    // A negative number is a value, which is refused for its range.
    if (!inlineValue && /^-(?!\.?\d)./.test(value)) throw new UserError('flagBeforeFlag', { flag, value });
  }
  return { values, positionals };
}
