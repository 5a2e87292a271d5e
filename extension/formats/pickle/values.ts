/**
 * What a pickle describes, as inert data: nothing that it names is looked up, made or called. Parts that are used twice are one object,
 * so this is a graph, which may have cycles.
 */
export type PickleValue = null | boolean | number | bigint | string | Uint8Array | PickleNode;

export type PickleNode =
  | PickleTuple
  | PickleList
  | PickleSet
  | PickleDict
  | PickleGlobal
  | PickleObject
  | PicklePersistent;

export interface PickleTuple {
  readonly kind: 'tuple';
  readonly items: readonly PickleValue[];
  /** For each item the byte of the pickle at which the opcode begins that put it on the stack. */
  readonly places: readonly number[];
}

export interface PickleList {
  readonly kind: 'list';
  items: PickleValue[];
}

export interface PickleSet {
  readonly kind: 'set';
  items: PickleValue[];
}

/** In the order in which the entries were set; a key that was set twice stands there twice. */
export interface PickleDict {
  readonly kind: 'dict';
  readonly entries: PickleEntry[];
}

/**
 * `place` is the byte of the pickle at which the opcode begins that put the value on the stack; absent where a list of pairs was an
 * argument.
 */
export type PickleEntry = readonly [key: PickleValue, value: PickleValue, place?: number];

/** A class or function by its name. */
export interface PickleGlobal {
  readonly kind: 'global';
  readonly module: string;
  readonly name: string;
}

/** What Python would have made by calling something. */
export interface PickleObject {
  readonly kind: 'object';
  /** The class or function that was not called, and with what. */
  readonly made: PickleValue;
  readonly args: PickleValue;
  /** What was handed to its `__setstate__`, or became its attributes. */
  state?: PickleValue;
  /** What was appended to it, as to a subclass of list. */
  items?: PickleValue[];
  /** Entries that were set in it, as in an OrderedDict. */
  entries?: PickleEntry[];
}

/** Something that lies outside the pickle, such as a tensor's storage. */
export interface PicklePersistent {
  readonly kind: 'persistent';
  readonly id: PickleValue;
}

/** One of the kinds of node; undefined for anything else. */
export function nodeOf<K extends PickleNode['kind']>(
  value: PickleValue | undefined,
  kind: K,
): Extract<PickleNode, { kind: K }> | undefined {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return undefined;
  return value.kind === kind ? (value as Extract<PickleNode, { kind: K }>) : undefined;
}

/** `module.name` of a class or function, or of that which made an object. */
export function globalName(value: PickleValue | undefined): string | undefined {
  const named = nodeOf(nodeOf(value, 'object')?.made ?? value, 'global');
  return named && `${named.module}.${named.name}`;
}

/** The arguments that an object would have been made from. */
export function argumentsOf({ args }: PickleObject): PickleTuple | undefined {
  return nodeOf(args, 'tuple');
}
