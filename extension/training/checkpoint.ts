import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Parameter } from '../model/parameter.ts';
import type { FinetuneEpoch } from '../protocol/report.ts';
import { UserError } from '../protocol/userError.ts';
import type { Snapshot } from './finetune.ts';

// Layout: 8 bytes of magic with the version, the header's length (uint32), the header (JSON in UTF-8), all float32 values that the header
// lists, and SHA-256 of everything before. Little-endian, as every processor that VS Code runs on.

/** Its last character is the version of the layout and of what a training's state means. */
const magic = Buffer.from('LSTMPRN1', 'latin1');
const prefixBytes = magic.length + Uint32Array.BYTES_PER_ELEMENT;
const checksumBytes = 32;
/** A header holds a line for each epoch and parameter. */
const longestHeader = 2 ** 26;

/** A snapshot whose best weights are named, not yet found in a model. */
export interface StoredSnapshot extends Omit<Snapshot, 'best'> {
  /** The engine whose state it is. */
  readonly engine: string;
  readonly best: ReadonlyMap<string, Float32Array>;
}

interface Header {
  readonly engine: string;
  readonly iterations: number;
  /** JSON has no word for what is no number. */
  readonly before: number | null;
  readonly firstLoss: number;
  readonly epochs: readonly FinetuneEpoch[];
  /** Lengths. */
  readonly tensors: readonly number[];
  readonly best: readonly (readonly [name: string, length: number])[];
}

/** Writes a snapshot to a new file, one array at a time. */
export async function writeSnapshot(path: string, snapshot: Snapshot, engine: string): Promise<void> {
  const { state, epochs, before, firstLoss, best } = snapshot;
  const named = [...best].map(([{ name }, values]) => [name, values] as const);
  const header: Header = {
    engine,
    iterations: state.iterations,
    before,
    firstLoss,
    epochs,
    tensors: state.tensors.map(({ length }) => length),
    best: named.map(([name, { length }]) => [name, length]),
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(Uint32Array.BYTES_PER_ELEMENT);
  length.writeUInt32LE(text.length);
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  try {
    for (const piece of [magic, length, text, ...state.tensors, ...named.map(([, values]) => values)]) {
      const bytes = bytesOf(piece);
      hash.update(bytes);
      await file.writeFile(bytes);
    }
    await file.writeFile(hash.digest());
  } finally {
    await file.close();
  }
}

/** Reads a snapshot back. Throws `UserError` reasonDamaged where the file is not as it was written, and what opening throws. */
export async function readSnapshot(path: string): Promise<StoredSnapshot> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const reader = new Reader(file);
    const { header, headerBytes } = await readHeader(reader);
    const values = [...header.tensors, ...header.best.map(([, length]) => length)].reduce((a, b) => a + b, 0);
    // Checked before memory is asked for.
    if (size !== prefixBytes + headerBytes + values * Float32Array.BYTES_PER_ELEMENT + checksumBytes)
      throw damaged();
    const floats = async (length: number) => {
      const array = new Float32Array(length);
      await reader.read(bytesOf(array));
      return array;
    };
    const tensors: Float32Array[] = [];
    for (const length of header.tensors) tensors.push(await floats(length));
    const best = new Map<string, Float32Array>();
    for (const [name, length] of header.best) best.set(name, await floats(length));
    await reader.checkSum();
    const { engine, iterations, epochs, firstLoss } = header;
    const before = header.before ?? Number.NaN;
    return { engine, state: { iterations, tensors }, epochs, before, firstLoss, best };
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

/** The snapshot for a model with these parameters; undefined where it is that of another. */
export function asSnapshot(
  { state, epochs, before, firstLoss, best }: StoredSnapshot,
  present: Snapshot['state'],
  parameters: Iterable<Parameter>,
): Snapshot | undefined {
  const fits =
    state.tensors.length === present.tensors.length &&
    state.tensors.every(({ length }, i) => length === present.tensors[i].length);
  const found = new Map<Parameter, Float32Array>();
  for (const parameter of parameters) {
    const values = best.get(parameter.name);
    if (values) found.set(parameter, values);
  }
  return fits && found.size === best.size ? { state, epochs, before, firstLoss, best: found } : undefined;
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
