/** How often a line of code names each tensor of constants.pkl: `CONSTANTS.c0` is the first. */
export function constantsIn(line: string): string[] {
  return line.includes('CONSTANTS.') ? [...line.matchAll(/\bCONSTANTS\.c\d+\b/g)].map(([name]) => name) : [];
}
