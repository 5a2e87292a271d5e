import type { ValueName } from '../../../../model/graph.ts';
import { type CellBody, made, restOf } from './body.ts';

/** What a body puts out at a real step, and what at a masked one; the same where that is not said. */
export interface Choice {
  readonly real: ValueName;
  readonly masked?: ValueName | 0;
}

/** real · mask + masked · (1 − mask), as a Where is lowered, by the step's mask [B]. */
export function choiceOf(body: CellBody, name: ValueName, mask: ValueName | undefined): Choice {
  const none = { real: name };
  if (mask === undefined) return none;
  const alone = factorBeside(body, name, mask, false);
  if (alone !== undefined) return { real: alone, masked: 0 };
  const terms = made(body, name, 'Add')?.inputs ?? [];
  if (terms.length !== 2) return none;
  for (const [one, other] of [terms, terms.toReversed()]) {
    const [real, masked] = [factorBeside(body, one, mask, false), factorBeside(body, other, mask, true)];
    if (real !== undefined && masked !== undefined) return { real, masked };
  }
  return none;
}

/** What is multiplied with the mask, or with 1 less it. */
function factorBeside(
  body: CellBody,
  name: ValueName,
  mask: ValueName,
  rest: boolean,
): ValueName | undefined {
  const factors = made(body, name, 'Mul')?.inputs ?? [];
  const at = factors.findIndex((factor) => isMask(body, factor, mask, rest));
  return at === -1 || factors.length !== 2 ? undefined : factors[1 - at];
}

/** Whether a value is the mask, or 1 less it, in whatever shape. */
function isMask(body: CellBody, name: ValueName, mask: ValueName, rest: boolean): boolean {
  const shaped = made(body, name, 'Reshape')?.inputs[0] ?? name;
  const inner = rest ? restOf(body, shaped) : shaped;
  return inner === mask || (inner !== undefined && made(body, inner, 'Reshape')?.inputs[0] === mask);
}
