import { scriptLines, withoutTexts } from './scriptLines.ts';

/** How often a line of code names each tensor of constants.pkl: `CONSTANTS.c0` is the first. */
export function constantsIn(line: string): string[] {
  return line.includes('CONSTANTS.') ? [...line.matchAll(/\bCONSTANTS\.c\d+\b/g)].map(([name]) => name) : [];
}

/**
 * The first tensor that code computes with and no module holds; undefined where there is none. Tracing and freezing leave such tensors where
 * a model has them as plain attributes, or makes them of numbers.
 */
export function constantInCode(sources: ReadonlyMap<string, string>): string | undefined {
  for (const [file, source] of sources)
    for (const { text } of scriptLines(file, source)) {
      const [name] = constantsIn(withoutTexts(text));
      if (name !== undefined) return name;
    }
  return undefined;
}
