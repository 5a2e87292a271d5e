import type { Message } from './messages.ts';

/** The note on how a model's layers are taken to be connected; undefined where the model or a file beside it says it. */
export function layersAssumption({
  assumptions = [],
}: {
  readonly assumptions?: readonly Message[];
}): Message | undefined {
  return assumptions.find(({ code }) => code === 'noteGraphAssumed');
}
