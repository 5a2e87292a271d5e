import type { Message } from '../../../protocol/messages.ts';
import type { Builder } from './lowering.ts';

/** What is to be said of penalties: which layers' the loss includes, and of which layers they are not known. */
export function penaltyNotes(builder: Builder): Message[] {
  const active = builder.activityPenalties.map(({ layer }) => layer);
  const included = new Set([...builder.penalisedLayers(), ...active]);
  const code = builder.version.tensorflowJs ? 'notePenaltiesOfTraining' : 'notePenalties';
  return [noteOf(code, included), noteOf('noteRegularizers', builder.unknownPenalties)].flat();
}

function noteOf(
  code: 'notePenalties' | 'notePenaltiesOfTraining' | 'noteRegularizers',
  layers: ReadonlySet<string>,
): Message[] {
  return layers.size > 0 ? [{ code, args: { layers: [...layers].join(', ') } }] : [];
}
