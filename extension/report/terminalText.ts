import { listOf, type Say } from '../protocol/labels.ts';

/** Of many things in one line. */
const mostListed = 12;

/** The first of many; a terminal line is short. */
export function someOf(units: readonly (number | string)[], say: Say): string {
  return listOf(
    units.length > mostListed ? [...units.slice(0, mostListed), `… (${units.length})`] : units,
    say,
  );
}

/** Notes under their heading; empty where there are none. */
export function list(notes: readonly string[], say: Say): string {
  return notes.length === 0 ? '' : `${say('notes')}\n${notes.map((note) => `- ${note}`).join('\n')}`;
}

/** Parts of a text, those that are empty left out. */
export function sections(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}
