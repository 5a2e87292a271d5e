import { opcode } from './opcodes.ts';

/**
 * Replaces integers in a pickle where their opcodes stand, without moving anything; so everything else in it, and what refers to what,
 * stays as it was.
 * @param patches new values by the byte at which the opcode begins
 * @returns the new pickle; undefined where an opcode is no integer's or is too short for its new value
 */
export function patchIntegers(pickle: Buffer, patches: ReadonlyMap<number, number>): Buffer | undefined {
  const patched = Buffer.from(pickle);
  for (const [place, value] of patches) {
    const room = integerAt(patched, place);
    if (!room || value < 0 || value >= 2 ** (8 * room.width - (room.signed ? 1 : 0))) return undefined;
    for (let i = 0, rest = value; i < room.width; i++, rest = Math.floor(rest / 256))
      patched[room.at + i] = rest % 256;
  }
  return patched;
}

/** Where an integer's little-endian bytes stand. */
function integerAt(
  pickle: Buffer,
  place: number,
): { at: number; width: number; signed: boolean } | undefined {
  switch (pickle[place]) {
    case opcode.BININT1:
      return { at: place + 1, width: 1, signed: false };
    case opcode.BININT2:
      return { at: place + 1, width: 2, signed: false };
    case opcode.BININT:
      return { at: place + 1, width: 4, signed: true };
    case opcode.LONG1:
      return { at: place + 2, width: pickle[place + 1], signed: true };
    default:
      return undefined;
  }
}
