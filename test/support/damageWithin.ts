import { damaged, damagedJson, scratched } from './damage.ts';
import { wholeBelow } from './random.ts';
import { type ZipContent, zipBytes } from './zip.ts';

/**
 * A damaged copy of a file. Three times of four the damage is within what the file is made of, so that it lies behind lengths and checksums
 * that are right, and everything is reached that reads a model.
 * @param name tells JSON, which has no signature
 */
export function damagedFile(name: string, bytes: Buffer, next: () => number): Buffer {
  const within = wholeBelow(4, next) > 0 && damageOf(name, bytes);
  return (within || damaged)(bytes, next);
}

function damageOf(name: string, bytes: Buffer): ((bytes: Buffer, next: () => number) => Buffer) | undefined {
  if (name.endsWith('.json')) return (json, next) => damagedJson(json.toString(), next);
  if (name.endsWith('.safetensors')) return damagedSafetensors;
  const signature = bytes.toString('latin1', 0, 4);
  if (signature === 'PK\x03\x04') return damagedZip;
  if (signature === '\x89HDF') return damagedHdf5;
  return scratched;
}

function damagedSafetensors(bytes: Buffer, next: () => number): Buffer {
  const end = 8 + Number(bytes.readBigUInt64LE());
  const header = damagedJson(bytes.toString('utf8', 8, end), next);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, bytes.subarray(end)]);
}

const oddNames = ['../outside', '/outside', 'a/../../outside', 'config.json', 'model/data.pkl', ''];

/** An entry is damaged, renamed, left out, doubled or compressed, or lies about its size; checksums are those of what is there. */
function damagedZip(bytes: Buffer, next: () => number): Buffer {
  const contents: ZipContent[] = entriesOf(bytes);
  const i = wholeBelow(contents.length, next);
  const entry = contents[i];
  switch (wholeBelow(12, next)) {
    case 0:
      contents[i] = { ...entry, name: oddNames[wholeBelow(oddNames.length, next)] };
      break;
    case 1:
      contents.splice(i, 1);
      break;
    case 2:
      contents.push(entry);
      break;
    case 3:
      contents[i] = { ...entry, deflate: true };
      break;
    case 4:
      contents[i] = { ...entry, claimedSize: wholeBelow(2 ** 32, next) };
      break;
    default:
      contents[i] = { ...entry, bytes: damagedFile(entry.name, entry.bytes, next) };
  }
  return zipBytes(contents);
}

/** The entries of what `zipBytes` wrote, none of them compressed. */
function entriesOf(bytes: Buffer): ZipContent[] {
  const entries: ZipContent[] = [];
  for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50; ) {
    const size = bytes.readUInt32LE(at + 22);
    const name = at + 30;
    const start = name + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
    entries.push({ name: bytes.toString('utf8', name, start), bytes: bytes.subarray(start, start + size) });
    at = start + size;
  }
  return entries;
}

/** Half the time one of the texts that are JSON, as far as what comes of it is no longer. */
function damagedHdf5(bytes: Buffer, next: () => number): Buffer {
  const texts = jsonIn(bytes);
  if (texts.length > 0 && wholeBelow(2, next) === 0) {
    const [start, end] = texts[wholeBelow(texts.length, next)];
    for (let attempt = 0; attempt < 8; attempt++) {
      const json = damagedJson(bytes.toString('utf8', start, end), next);
      if (json.length > end - start) continue;
      const result = Buffer.from(bytes).fill(' ', start, end);
      json.copy(result, start);
      return result;
    }
  }
  return scratched(bytes, next);
}

/** Where texts in the global heap are JSON: each stands behind its length (HDF5 file format specification, III.E). */
function jsonIn(bytes: Buffer): [start: number, end: number][] {
  const found: [number, number][] = [];
  for (let at = bytes.indexOf('{"'); at !== -1; at = bytes.indexOf('{"', at + 1)) {
    const length = at < 8 ? 0n : bytes.readBigUInt64LE(at - 8);
    const end = at + Number(length);
    if (length > 1n && end <= bytes.length && bytes[end - 1] === 0x7d) found.push([at, end]);
  }
  return found;
}
