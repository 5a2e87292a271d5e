import { openData } from '../../extension/data/open.ts';
import { reportedPart } from '../../extension/data/split.ts';
import { Random } from '../../extension/model/random.ts';
import { UserError } from '../../extension/protocol/userError.ts';
import { floats } from './npy.ts';
import { npzBytes } from './zip.ts';

const expected = {
  inputs: [{ name: 'input', shape: [null, 3, 1], dtype: 'float32' as const }],
  output: [null, 1],
};

/** Sound files, by the suffix under which they are opened. */
function originals(): readonly (readonly [string, Buffer])[] {
  const arrays = {
    x: floats([20, 3, 1], new Array(60).fill(0.5)),
    y: floats([20, 1], new Array(20).fill(1)),
  };
  const rows = Array.from({ length: 20 }, (_, i) => `"2024-${i}";${i},5;${i}`);
  return [
    ['.npz', npzBytes(arrays)],
    ['.npz', npzBytes(arrays, true)],
    ['.csv', Buffer.from(['day;a;b', ...rows].join('\r\n'))],
  ];
}

export interface FuzzTally {
  read: number;
  refused: number;
}

/**
 * Damages data files at random places and opens them: each must be read or refused with a `UserError`. Throws, naming the
 * round, on anything else. `write` puts bytes into a file and gives its path.
 */
export async function fuzzData(
  rounds: number,
  seed: number,
  write: (name: string, content: Buffer) => string,
): Promise<FuzzTally> {
  const random = new Random(seed);
  const files = originals();
  const tally = { read: 0, refused: 0 };
  for (let round = 0; round < rounds; round++) {
    const [suffix, bytes] = files[random.below(files.length)];
    const path = write(`fuzzed${suffix}`, damage(bytes, random));
    try {
      const options = suffix === '.csv' ? { data: path, x: 'a', y: 'b' } : { data: path };
      await reportedPart(await openData(options, expected)).part.load();
      tally.read++;
    } catch (error) {
      if (!(error instanceof UserError)) throw new Error(`round ${round} of seed ${seed}`, { cause: error });
      tally.refused++;
    }
  }
  return tally;
}

/** A few bytes changed, a stretch cut out or doubled, or the end cut off. */
function damage(original: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(original);
  const at = random.below(bytes.length);
  const length = random.below(Math.min(200, bytes.length - at)) + 1;
  switch (random.below(4)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    default:
      for (let i = random.below(8); i >= 0; i--) bytes[random.below(bytes.length)] = random.below(256);
      return bytes;
  }
}
