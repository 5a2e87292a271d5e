import { PickleCursor } from './cursor.ts';
import { opcode } from './opcodes.ts';
import { constants, type Operation, operations } from './operations.ts';
import { PickleStack } from './stack.ts';
import type { PickleValue } from './values.ts';

/** A pickle of more steps than this would take too much memory; the largest known ones, with whole vocabularies, take a tenth. */
const mostSteps = 16_000_000;
/** So many tuples, lists, objects, … */
const mostNodes = 2_000_000;

/** What an opcode may do. */
export interface Machine {
  readonly cursor: PickleCursor;
  readonly stack: PickleStack;
  readonly memo: Map<number, PickleValue>;
  /** What would run code, by name, whether it is still there at the end or not. */
  readonly runners: Set<string>;
  /** Where the present opcode begins. */
  readonly place: number;
}

/** What one pickle came to. */
export interface PickleRead {
  /** What it describes. */
  readonly value: PickleValue;
  /** The byte after it. */
  readonly end: number;
  /** Names of functions that would run code (`runnerName`). */
  readonly runners: readonly string[];
}

/**
 * Reads one pickle, protocols 2 to 5 (Python's pickletools.py describes the opcodes), from `at` on. Nothing is executed: classes,
 * functions and what they would have made become inert values that keep their names, arguments and state. Time and memory are
 * bounded by the bytes that are there.
 * @throws UserError fileDamaged: reasonTruncated where `bytes` ends before the pickle
 */
export function readPickle(bytes: Buffer, file: string, at = 0): PickleRead {
  const cursor = new PickleCursor(bytes, at, file);
  const memo = new Map<number, PickleValue>();
  const runners = new Set<string>();
  const machine = { cursor, stack: new PickleStack(cursor), memo, runners, place: at };
  let nodes = 0;
  for (let step = 0; ; step++) {
    if (step > mostSteps) throw cursor.tooMany(mostSteps);
    machine.place = cursor.at;
    const code = cursor.byte();
    if (code === opcode.STOP) {
      const value = machine.stack.pop();
      return { value, end: cursor.at, runners: [...runners] };
    }
    const constant = constants.get(code);
    if (constant !== undefined) {
      machine.stack.push(constant, machine.place);
      continue;
    }
    const operation: Operation | undefined = operations[code];
    if (!operation) throw cursor.damaged(machine.place);
    const made = operation(machine);
    if (made === undefined) continue;
    if (made !== null && typeof made === 'object' && ++nodes > mostNodes) throw cursor.tooMany(mostNodes);
    machine.stack.push(made, machine.place);
  }
}
