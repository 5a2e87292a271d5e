import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { packedBytes, packMask, unpackMask } from '../model/maskBits.ts';
import type { Parameter } from '../model/parameter.ts';
import type { FinetuneEpoch, MaskUpdates } from '../protocol/report.ts';
import { UserError } from '../protocol/userError.ts';
import type { Snapshot } from './finetune.ts';
import type { Named, StoredSnapshot } from './storedSnapshot.ts';

// Layout: 8 bytes of magic with the version, the header's length (uint32), the header (JSON in UTF-8), all arrays that the header lists, in
// its order: tensors, best and movement as float32, masks and bestMasks as bits; and SHA-256 of everything before. Little-endian, as every
// processor that VS Code runs on.

/** Its last character is the version of the layout and of what a training's state means. */
const magic = Buffer.from('LSTMPRN2', 'latin1');
const prefixBytes = magic.length + Uint32Array.BYTES_PER_ELEMENT;
const checksumBytes = 32;
/** A header holds a line for each epoch and parameter. */
const longestHeader = 2 ** 26;

/** Arrays that follow the header: how many values each has. */
type Listed = readonly (readonly [name: string, length: number])[];

interface Header {
  readonly engine: string;
  readonly iterations: number;
  /** JSON has no word for what is no number. */
  readonly before: number | null;
  readonly firstLoss: number;
  readonly epochs: readonly FinetuneEpoch[];
  /** Where masks change. */
  readonly updates?: MaskUpdates | undefined;
  /** Lengths. */
  readonly tensors: readonly number[];
  readonly best: Listed;
  readonly movement?: Listed | undefined;
  readonly masks?: Listed | undefined;
  readonly bestMasks?: Listed | undefined;
}

/** Writes a snapshot to a new file, one array at a time. */
export async function writeSnapshot(path: string, snapshot: Snapshot, engine: string): Promise<void> {
  const { state, epochs, before, firstLoss, best, bestMasks, schedule } = snapshot;
  const { masks, movement, updates } = schedule ?? {};
  const header: Header = {
    engine,
    iterations: state.iterations,
    before,
    firstLoss,
    epochs,
    updates,
    tensors: state.tensors.map(({ length }) => length),
    best: listed(best) ?? [],
    movement: listed(movement),
    masks: listed(masks),
    bestMasks: listed(bestMasks),
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(Uint32Array.BYTES_PER_ELEMENT);
  length.writeUInt32LE(text.length);
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  const write = async (piece: Uint8Array | Float32Array) => {
    const bytes = bytesOf(piece);
    hash.update(bytes);
    await file.writeFile(bytes);
  };
  try {
    for (const piece of [magic, length, text, ...state.tensors, ...best.values()]) await write(piece);
    for (const piece of movement?.values() ?? []) await write(piece);
    for (const part of [masks, bestMasks])
      for (const mask of part?.values() ?? []) await write(packMask(mask));
    await file.writeFile(hash.digest());
  } finally {
    await file.close();
  }
}

function listed(arrays: ReadonlyMap<Parameter, Uint8Array | Float32Array> | undefined): Listed | undefined {
  return arrays && [...arrays].map(([{ name }, { length }]) => [name, length] as const);
}

/** Reads a snapshot back. Throws `UserError` reasonDamaged where the file is not as it was written, and what opening throws. */
export async function readSnapshot(path: string): Promise<StoredSnapshot> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const reader = new Reader(file);
    const { header, headerBytes } = await readHeader(reader);
    // Checked before memory is asked for.
    if (size !== prefixBytes + headerBytes + arrayBytes(header) + checksumBytes) throw damaged();
    const floats = async (length: number) => {
      const array = new Float32Array(length);
      await reader.read(bytesOf(array));
      return array;
    };
    const bits = async (length: number) => {
      const packed = new Uint8Array(packedBytes(length));
      await reader.read(packed);
      return unpackMask(packed, length);
    };
    const tensors: Float32Array[] = [];
    for (const length of header.tensors) tensors.push(await floats(length));
    const best = await readAll(header.best, floats);
    const movement = header.movement && (await readAll(header.movement, floats));
    const masks = header.masks && (await readAll(header.masks, bits));
    const bestMasks = header.bestMasks && (await readAll(header.bestMasks, bits));
    await reader.checkSum();
    const { engine, iterations, epochs, firstLoss, updates } = header;
    const before = header.before ?? Number.NaN;
    const schedule = masks && updates && { masks, ...(movement && { movement }), updates };
    return {
      engine,
      state: { iterations, tensors },
      epochs,
      before,
      firstLoss,
      best,
      ...(bestMasks && { bestMasks }),
      ...(schedule && { schedule }),
    };
  } finally {
    await file.close();
  }
}

/** The engine that a snapshot was written by, without reading the rest. Throws as `readSnapshot`. */
export async function readEngine(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { header } = await readHeader(new Reader(file));
    return header.engine;
  } finally {
    await file.close();
  }
}

async function readHeader(reader: Reader): Promise<{ header: Header; headerBytes: number }> {
  const prefix = Buffer.alloc(prefixBytes);
  await reader.read(prefix);
  const headerBytes = prefix.readUInt32LE(magic.length);
  if (!prefix.subarray(0, magic.length).equals(magic) || headerBytes > longestHeader) throw damaged();
  const text = Buffer.alloc(headerBytes);
  await reader.read(text);
  return { header: parse(text), headerBytes };
}

/** Of all that follows the header. */
function arrayBytes({ tensors, best, movement = [], masks = [], bestMasks = [] }: Header): number {
  const lengths = (list: Listed) => list.map(([, length]) => length);
  const floats = [...tensors, ...lengths(best), ...lengths(movement)].map(
    (length) => length * Float32Array.BYTES_PER_ELEMENT,
  );
  const bits = [...lengths(masks), ...lengths(bestMasks)].map(packedBytes);
  return [...floats, ...bits].reduce((sum, bytes) => sum + bytes, 0);
}

async function readAll<Values>(
  list: Listed,
  read: (length: number) => Promise<Values>,
): Promise<Named<Values>> {
  const found = new Map<string, Values>();
  for (const [name, length] of list) found.set(name, await read(length));
  return found;
}

class Reader {
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async read(target: Uint8Array): Promise<void> {
    await this.#fill(target);
    this.#hash.update(target);
  }

  async checkSum(): Promise<void> {
    const stored = Buffer.alloc(checksumBytes);
    await this.#fill(stored);
    if (!stored.equals(this.#hash.digest())) throw damaged();
  }

  async #fill(target: Uint8Array): Promise<void> {
    for (let at = 0; at < target.length; ) {
      const { bytesRead } = await this.#file.read(target, at, target.length - at);
      if (bytesRead === 0) throw damaged();
      at += bytesRead;
    }
  }
}

function parse(text: Buffer): Header {
  try {
    return JSON.parse(text.toString());
  } catch {
    throw damaged();
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array | Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function damaged(): UserError {
  return new UserError('reasonDamaged');
}
