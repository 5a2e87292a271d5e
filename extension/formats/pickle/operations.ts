import { opcode } from './opcodes.ts';
import type { Machine } from './read.ts';
import { runnerName } from './runners.ts';
import {
  nodeOf,
  type PickleEntry,
  type PickleGlobal,
  type PickleObject,
  type PickleTuple,
  type PickleValue,
} from './values.ts';

/** Carries out one opcode; gives what it puts on the stack, if anything. */
// biome-ignore lint/suspicious/noConfusingVoidType: most opcodes put nothing there and return nothing.
export type Operation = (machine: Machine) => PickleValue | undefined | void;

/** Opcodes that only put a value on the stack. */
export const constants: ReadonlyMap<number, PickleValue> = new Map<number, PickleValue>([
  [opcode.NONE, null],
  [opcode.NEWTRUE, true],
  [opcode.NEWFALSE, false],
]);

/** By opcode. What is absent, such as the text opcodes of protocol 0, the extension registry and buffers out of band, is refused. */
export const operations: Record<number, Operation | undefined> = {
  // Frame of the pickle
  [opcode.PROTO]: ({ cursor }) => (cursor.byte() > 5 ? refuse({ cursor }) : undefined),
  [opcode.FRAME]: ({ cursor }) => cursor.expect(cursor.length8()),

  // Numbers
  [opcode.BININT]: ({ cursor }) => cursor.take(4).readInt32LE(),
  [opcode.BININT1]: ({ cursor }) => cursor.byte(),
  [opcode.BININT2]: ({ cursor }) => cursor.unsigned(2),
  [opcode.BINFLOAT]: ({ cursor }) => cursor.take(8).readDoubleBE(),
  [opcode.LONG1]: ({ cursor }) => cursor.integer(cursor.byte()),
  [opcode.LONG4]: ({ cursor }) => cursor.integer(cursor.unsigned(4)),

  // Texts and bytes
  [opcode.SHORT_BINSTRING]: ({ cursor }) => cursor.text(cursor.byte()),
  [opcode.BINSTRING]: ({ cursor }) => cursor.text(cursor.unsigned(4)),
  [opcode.BINUNICODE]: ({ cursor }) => cursor.text(cursor.unsigned(4)),
  [opcode.SHORT_BINUNICODE]: ({ cursor }) => cursor.text(cursor.byte()),
  [opcode.BINUNICODE8]: ({ cursor }) => cursor.text(cursor.length8()),
  [opcode.SHORT_BINBYTES]: ({ cursor }) => cursor.take(cursor.byte()),
  [opcode.BINBYTES]: ({ cursor }) => cursor.take(cursor.unsigned(4)),
  [opcode.BINBYTES8]: ({ cursor }) => cursor.take(cursor.length8()),
  [opcode.BYTEARRAY8]: ({ cursor }) => cursor.take(cursor.length8()),

  // The stack and the memo
  [opcode.MARK]: ({ stack }) => stack.mark(),
  [opcode.POP]: ({ stack }) => stack.discard(),
  [opcode.POP_MARK]: ({ stack }) => void stack.popMarked(),
  [opcode.DUP]: ({ stack, place }) => stack.push(stack.top(), place),
  [opcode.BINGET]: (machine) => recall(machine, machine.cursor.byte()),
  [opcode.LONG_BINGET]: (machine) => recall(machine, machine.cursor.unsigned(4)),
  [opcode.BINPUT]: ({ cursor, memo, stack }) => void memo.set(cursor.byte(), stack.top()),
  [opcode.LONG_BINPUT]: ({ cursor, memo, stack }) => void memo.set(cursor.unsigned(4), stack.top()),
  [opcode.MEMOIZE]: ({ memo, stack }) => void memo.set(memo.size, stack.top()),

  // Containers
  [opcode.EMPTY_TUPLE]: ({ stack }) => stack.popTuple(0),
  [opcode.TUPLE]: ({ stack }) => stack.popMarked(),
  [opcode.TUPLE1]: ({ stack }) => stack.popTuple(1),
  [opcode.TUPLE2]: ({ stack }) => stack.popTuple(2),
  [opcode.TUPLE3]: ({ stack }) => stack.popTuple(3),
  [opcode.EMPTY_LIST]: () => ({ kind: 'list', items: [] }),
  [opcode.LIST]: ({ stack }) => ({ kind: 'list', items: [...stack.popMarked().items] }),
  [opcode.APPEND]: (machine) => append(machine, [machine.stack.pop()]),
  [opcode.APPENDS]: (machine) => append(machine, machine.stack.popMarked().items),
  [opcode.EMPTY_SET]: () => ({ kind: 'set', items: [] }),
  [opcode.ADDITEMS]: (machine) => append(machine, machine.stack.popMarked().items),
  [opcode.FROZENSET]: ({ stack }) => ({ kind: 'set', items: [...stack.popMarked().items] }),
  [opcode.EMPTY_DICT]: () => ({ kind: 'dict', entries: [] }),
  [opcode.DICT]: (machine) => {
    const marked = machine.stack.popMarked();
    machine.stack.push({ kind: 'dict', entries: [] }, machine.place);
    setItems(machine, marked);
    return machine.stack.pop();
  },
  [opcode.SETITEM]: (machine) => setItems(machine, machine.stack.popTuple(2)),
  [opcode.SETITEMS]: (machine) => setItems(machine, machine.stack.popMarked()),

  // Classes, functions, and what they would have made
  [opcode.GLOBAL]: (machine) => global(machine, machine.cursor.line(), machine.cursor.line()),
  [opcode.STACK_GLOBAL]: (machine) => {
    const [module, name] = machine.stack.popTuple(2).items;
    if (typeof module !== 'string' || typeof name !== 'string') return refuse(machine);
    return global(machine, module, name);
  },
  [opcode.REDUCE]: ({ stack }) => made(stack.popTuple(2)),
  [opcode.NEWOBJ]: ({ stack }) => made(stack.popTuple(2)),
  [opcode.NEWOBJ_EX]: ({ stack }) => made(stack.popTuple(3)),
  [opcode.OBJ]: (machine) => {
    const { items, places } = machine.stack.popMarked();
    if (items.length === 0) return refuse(machine);
    return { kind: 'object', made: items[0], args: tuple(items.slice(1), places.slice(1)) };
  },
  [opcode.INST]: (machine) => {
    const { cursor, stack } = machine;
    const named = global(machine, cursor.line(), cursor.line());
    return { kind: 'object', made: named, args: stack.popMarked() };
  },
  [opcode.BUILD]: (machine) => {
    const state = machine.stack.pop();
    objectOnTop(machine).state = state;
  },
  [opcode.BINPERSID]: ({ stack }) => ({ kind: 'persistent', id: stack.pop() }),
};

function global({ runners }: Machine, module: string, name: string): PickleGlobal {
  const runner = runnerName(module, name);
  if (runner !== undefined) runners.add(runner);
  return { kind: 'global', module, name };
}

function tuple(items: readonly PickleValue[], places: readonly number[]): PickleTuple {
  return { kind: 'tuple', items, places };
}

function made({ items: [callable, args] }: PickleTuple): PickleObject {
  return { kind: 'object', made: callable, args };
}

function refuse({ cursor }: Pick<Machine, 'cursor'>): never {
  throw cursor.damaged();
}

function recall(machine: Machine, key: number): void {
  const value = machine.memo.get(key);
  if (value === undefined) refuse(machine);
  else machine.stack.push(value, machine.place);
}

function append(machine: Machine, items: readonly PickleValue[]): void {
  const target = machine.stack.top();
  const list = nodeOf(target, 'list') ?? nodeOf(target, 'set') ?? objectOnTop(machine);
  list.items ??= [];
  for (const item of items) list.items.push(item);
}

function setItems(machine: Machine, { items, places }: PickleTuple): void {
  if (items.length % 2 !== 0) refuse(machine);
  const { entries } = nodeOf(machine.stack.top(), 'dict') ?? withEntries(objectOnTop(machine));
  for (let i = 0; i < items.length; i += 2) entries.push([items[i], items[i + 1], places[i + 1]]);
}

function withEntries(object: PickleObject): { entries: PickleEntry[] } {
  object.entries ??= [];
  return { entries: object.entries };
}

function objectOnTop(machine: Machine): PickleObject {
  return nodeOf(machine.stack.top(), 'object') ?? refuse(machine);
}
