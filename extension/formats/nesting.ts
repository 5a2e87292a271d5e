import type { Message } from '../protocol/messages.ts';

/** Models nest their layers, and values their settings; deeper texts are made to overflow a stack. */
const deepest = 512;

/** Why a JSON text cannot be read whose lists and objects stand too deep in one another. */
export function nestsTooDeep(text: string): Message | undefined {
  return nesting(text) > deepest ? { code: 'reasonNested', args: { limit: deepest } } : undefined;
}

function nesting(text: string): number {
  let depth = 0;
  let most = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '{' || character === '[') most = Math.max(most, ++depth);
    else if (character === '}' || character === ']') depth--;
    else if (character === '"') while (++i < text.length && text[i] !== '"') if (text[i] === '\\') i++;
  }
  return most;
}
