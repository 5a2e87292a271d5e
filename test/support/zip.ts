import { crc32, deflateRawSync } from 'node:zlib';

/** An entry, and what it may claim about itself that is not so. */
export interface ZipContent {
  readonly name: string;
  readonly bytes: Buffer;
  readonly deflate?: boolean;
  readonly claimedSize?: number;
  readonly claimedCrc?: number;
  /** DOS time and date; else 0. */
  readonly modified?: { readonly time: number; readonly date: number };
}

/** Bytes of a zip archive (PKWARE's APPNOTE, 4.3): local headers with their data, central directory, end record. */
export function zipBytes(contents: readonly ZipContent[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const content of contents) {
    const name = Buffer.from(content.name);
    const data = content.deflate ? deflateRawSync(content.bytes) : content.bytes;
    const common = describe(content, data.length, name.length);
    const here = Buffer.concat([signature(0x04034b50), common, name, data]);
    // Comment length, disk, internal and external attributes: all 0.
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(signature(0x02014b50), Buffer.from([20, 0]), common, tail, name);
    local.push(here);
    offset += here.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(contents.length, 8);
  end.writeUInt16LE(contents.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

/** The arrays of an .npz by name. */
export function npzBytes(arrays: Readonly<Record<string, Buffer>>, deflate = false): Buffer {
  return zipBytes(Object.entries(arrays).map(([name, bytes]) => ({ name: `${name}.npy`, bytes, deflate })));
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** What local and central header share: version, flags, method, time, date, CRC-32, sizes, name and extra length. */
function describe(content: ZipContent, compressed: number, nameLength: number): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(content.deflate ? 8 : 0, 4);
  fields.writeUInt16LE(content.modified?.time ?? 0, 6);
  fields.writeUInt16LE(content.modified?.date ?? 0, 8);
  fields.writeUInt32LE(content.claimedCrc ?? crc32(content.bytes), 10);
  fields.writeUInt32LE(compressed, 14);
  fields.writeUInt32LE(content.claimedSize ?? content.bytes.length, 18);
  fields.writeUInt16LE(nameLength, 22);
  return fields;
}
