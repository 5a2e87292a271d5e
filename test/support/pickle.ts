/** Values that Python pickles in its own ways; numbers are ints, texts str, arrays lists, maps dicts. */
export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Pickled[]
  | ReadonlyMap<string | number, Pickled>
  | Special;

export interface Special {
  readonly bytes: Buffer;
}

/** A pickle of protocol 2, as Python's own writes it but for the memo. */
export function pickle(value: Pickled): Buffer {
  return Buffer.concat([Buffer.from([0x80, 2]), opcodes(value), text('.')]);
}

export function tuple(...items: Pickled[]): Special {
  return { bytes: Buffer.concat([text('('), ...items.map(opcodes), text('t')]) };
}

export function global(module: string, name: string): Special {
  return { bytes: text(`c${module}\n${name}\n`) };
}

/** What Python makes by calling something; `state` goes to its `__setstate__`. */
export function called(callable: Pickled, args: readonly Pickled[], state?: Pickled): Special {
  const made = [opcodes(callable), tuple(...args).bytes, text('R')];
  return { bytes: Buffer.concat([...made, ...(state === undefined ? [] : [opcodes(state), text('b')])]) };
}

/** An object of a class, with its attributes. */
export function instance(className: Special, attributes: Pickled): Special {
  return { bytes: Buffer.concat([className.bytes, text(')\x81'), opcodes(attributes), text('b')]) };
}

export function orderedDict(entries: ReadonlyMap<string | number, Pickled>): Special {
  return {
    bytes: Buffer.concat([called(global('collections', 'OrderedDict'), []).bytes, setItems(entries)]),
  };
}

/** What lies outside the pickle. */
export function persistent(id: Pickled): Special {
  return { bytes: Buffer.concat([opcodes(id), text('Q')]) };
}

export function float(value: number): Special {
  const bytes = Buffer.alloc(9, 'G');
  bytes.writeDoubleBE(value, 1);
  return { bytes };
}

export function opcodes(value: Pickled): Buffer {
  if (value === null) return text('N');
  if (typeof value === 'boolean') return text(value ? '\x88' : '\x89');
  if (typeof value === 'bigint') return long(value);
  if (typeof value === 'number') return integer(value);
  if (typeof value === 'string') return unicode(value);
  if ('bytes' in value) return value.bytes;
  if (value instanceof Map) return Buffer.concat([text('}'), setItems(value)]);
  return Buffer.concat([text(']('), ...[...(value as readonly Pickled[])].map(opcodes), text('e')]);
}

function setItems(entries: ReadonlyMap<string | number, Pickled>): Buffer {
  return Buffer.concat([text('('), ...[...entries].flat().map(opcodes), text('u')]);
}

/** As Python does it: the shortest opcode. */
function integer(value: number): Buffer {
  if (value >= 0 && value < 256) return Buffer.from([0x4b, value]);
  const bytes = Buffer.alloc(5, value >= 0 && value < 65536 ? 'M' : 'J');
  bytes.writeInt32LE(value, 1);
  return value >= 0 && value < 65536 ? bytes.subarray(0, 3) : bytes;
}

function long(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 8n) bytes.push(Number(rest & 255n));
  // The highest bit is the sign.
  if ((bytes.at(-1) ?? 0) > 127) bytes.push(0);
  return Buffer.from([0x8a, bytes.length, ...bytes]);
}

function unicode(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([text('X'), length, bytes]);
}

function text(characters: string): Buffer {
  return Buffer.from(characters, 'latin1');
}
