import type { Message } from '../protocol/messages.ts';

/** Models nest their layers, and values their settings; deeper texts are made to overflow a stack. */
const deepest = 512;
/** Ten thousand layers have a tenth of it; three bytes of a text can be an object, which takes a hundred once it is parsed. */
const mostParts = 2 ** 20;

/** Why a JSON text is not to be parsed: its lists and objects stand too deep in one another, or there are too many. */
export function jsonFault(text: string): Message | undefined {
  let depth = 0;
  let parts = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '{' || character === '[') {
      if (++depth > deepest) return { code: 'reasonNested', args: { limit: deepest } };
      if (++parts > mostParts) return { code: 'reasonManyParts', args: { limit: mostParts } };
    } else if (character === '}' || character === ']') depth--;
    else if (character === '"') while (++i < text.length && text[i] !== '"') if (text[i] === '\\') i++;
  }
  return undefined;
}
