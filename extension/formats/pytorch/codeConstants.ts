import { isActivation, isHarmless } from './frozenOperators.ts';
import { callsIn } from './scriptCalls.ts';
import { scriptLines, withoutTexts } from './scriptLines.ts';

/** How often a line of code names each tensor of constants.pkl: `CONSTANTS.c0` is the first. */
export function constantsIn(line: string): string[] {
  return line.includes('CONSTANTS.') ? [...line.matchAll(/\bCONSTANTS\.c\d+\b/g)].map(([name]) => name) : [];
}

/** Sources of PyTorch's own modules, which compute what their classes say. */
const ownCode = 'code/__torch__/torch/';

/**
 * The first of what code computes with beside modules: a tensor of constants.pkl, which tracing leaves where a model has one as a plain
 * attribute or makes it of numbers, or an operator that changes values. Activations may stand between layers as a graph has them; what
 * methods and functions compute stands in their own lines. Undefined where there is none.
 */
export function beyondModules(sources: ReadonlyMap<string, string>): string | undefined {
  for (const [file, source] of sources)
    for (const { text } of scriptLines(file, source)) {
      const line = withoutTexts(text);
      const [constant] = constantsIn(line);
      if (constant !== undefined) return constant;
      if (file.startsWith(ownCode) || !/\b(?:torch|ops)\./.test(line)) continue;
      const beyond = callsIn(line).find(
        (call) => /^(?:torch|ops)\./.test(call.name) && !isHarmless(call) && !isActivation(call),
      );
      if (beyond) return beyond.name;
    }
  return undefined;
}
