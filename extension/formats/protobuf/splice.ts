import { open } from 'node:fs/promises';
import type { FileBytes } from '../bytes/fileBytes.ts';
import { writeWhole } from '../bytes/wholeCalls.ts';
import type { Place, Range } from './place.ts';
import { longestVarint, readVarint, writeVarint } from './varint.ts';

/** Bytes that take the place of others; an empty range inserts. */
export interface Replacement extends Range {
  /** The message that they are a part of; undefined where the file is none, as one of raw values. */
  readonly inside?: Place;
  /** How many bytes `bytes` will give. */
  readonly length: number;
  /** Called when they are written, so that the bytes of one replacement at a time are held. */
  readonly bytes: () => Promise<Uint8Array> | Uint8Array;
}

/** So much is copied at once. */
const chunk = 4 * 2 ** 20;

/**
 * Writes a copy of a file to a path that does not exist, with some bytes replaced. Messages that become longer or shorter get their new
 * length, and so do those around them; every other byte is that of the file. No two replacements may overlap.
 */
export async function writeSpliced(
  file: FileBytes,
  target: string,
  replacements: readonly Replacement[],
  step?: () => Promise<void>,
): Promise<void> {
  const all = [...replacements, ...(await newLengths(file, replacements))].sort(
    // Of insertions at one place, those of inner messages, which end there, come first.
    (a, b) => a.start - b.start || a.end - b.end || depthOf(b.inside) - depthOf(a.inside),
  );
  const output = await open(target, 'wx', 0o644);
  const write = (bytes: Uint8Array) => writeWhole(output, bytes);
  try {
    let at = 0;
    for (const { start, end, length, bytes } of all) {
      if (start < at) throw new Error('replacements overlap');
      await step?.();
      await copy(file, at, start, write, step);
      const written = await bytes();
      if (written.length !== length)
        throw new Error(`a replacement of ${length} bytes has ${written.length}`);
      await write(written);
      at = end;
    }
    await copy(file, at, file.size, write, step);
  } finally {
    await output.close();
  }
}

async function copy(
  file: FileBytes,
  start: number,
  end: number,
  write: (bytes: Uint8Array) => Promise<void>,
  step: (() => Promise<void>) | undefined,
): Promise<void> {
  for (let at = start; at < end; at += chunk) {
    await write(await file.read(at, Math.min(chunk, end - at)));
    await step?.();
  }
}

/** The tags and lengths of the messages whose length changes, inner ones first. */
async function newLengths(file: FileBytes, replacements: readonly Replacement[]): Promise<Replacement[]> {
  const growth = new Map<Place, number>();
  const grow = (inside: Place | undefined, bytes: number) => {
    if (inside && bytes !== 0) growth.set(inside, (growth.get(inside) ?? 0) + bytes);
  };
  for (const { inside, start, end, length } of replacements) grow(inside, length - (end - start));
  const lengths: Replacement[] = [];
  for (let depth = deepest(growth); depth > 0; depth--) {
    for (const [place, bytes] of [...growth].filter(([place]) => depthOf(place) === depth)) {
      if (bytes === 0) continue;
      const header = await headerOf(file, place, bytes);
      lengths.push({ start: place.field, end: place.start, length: header.length, bytes: () => header });
      grow(place.parent, bytes + header.length - (place.start - place.field));
    }
  }
  return lengths;
}

async function headerOf(file: FileBytes, { field, start, end }: Place, bytes: number): Promise<Uint8Array> {
  const tag = readVarint(await file.read(field, Math.min(longestVarint, start - field)), 0);
  return Buffer.concat([writeVarint(tag), writeVarint(end - start + bytes)]);
}

function deepest(growth: ReadonlyMap<Place, number>): number {
  let depth = 0;
  for (const place of growth.keys()) depth = Math.max(depth, depthOf(place));
  return depth;
}

function depthOf(place: Place | undefined): number {
  return place?.parent ? depthOf(place.parent) + 1 : 0;
}
