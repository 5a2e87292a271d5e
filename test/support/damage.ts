import { wholeBelow } from './random.ts';

/** Flips bits, overwrites, cuts or doubles a part of the bytes, in one to eight places. */
export function damaged(bytes: Buffer, next: () => number): Buffer {
  let result = Buffer.from(bytes);
  const times = 1 + wholeBelow(8, next);
  for (let n = 0; n < times; n++) {
    const at = wholeBelow(result.length, next);
    const length = 1 + wholeBelow(16, next);
    switch (wholeBelow(12, next)) {
      case 0:
        result = result.subarray(0, at + 1);
        break;
      case 1:
        result = Buffer.concat([result.subarray(0, at), result.subarray(at + length)]);
        break;
      case 2:
        result = Buffer.concat([result.subarray(0, at + length), result.subarray(at)]);
        break;
      case 3:
        result.fill(0xff, at, Math.min(at + length, result.length));
        break;
      case 4:
        result.fill(0, at, Math.min(at + length, result.length));
        break;
      default:
        result[at] ^= 1 << wholeBelow(8, next);
    }
    if (result.length === 0) return result;
  }
  return result;
}

/** Changes one to three bytes; those before and behind stay where they are. */
export function scratched(bytes: Buffer, next: () => number): Buffer {
  const result = Buffer.from(bytes);
  if (result.length === 0) return result;
  const times = 1 + wholeBelow(3, next);
  for (let n = 0; n < times; n++) {
    const at = wholeBelow(result.length, next);
    result[at] = wholeBelow(2, next) === 0 ? wholeBelow(256, next) : result[at] ^ (1 << wholeBelow(8, next));
  }
  return result;
}

/** What stands in JSON where it is not expected. */
const oddities: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  2 ** 31,
  2 ** 53,
  1e308,
  '',
  '../outside',
  '__proto__',
  [],
  {},
  [[[]]],
];

/** Replaces, removes or doubles one to four of the values in a JSON text, which stays JSON. */
export function damagedJson(text: string, next: () => number): Buffer {
  const json = JSON.parse(text) as unknown;
  const times = 1 + wholeBelow(4, next);
  for (let n = 0; n < times; n++) {
    const places = valuesIn(json);
    if (places.length === 0) break;
    const { holder, key } = places[wholeBelow(places.length, next)];
    const other = places[wholeBelow(places.length, next)];
    const odd = oddities[wholeBelow(oddities.length, next)];
    const action = wholeBelow(8, next);
    if (action === 0 && Array.isArray(holder)) holder.splice(Number(key), 1);
    else if (action === 0) delete holder[key];
    else if (action === 1) holder[key] = structuredClone(other.holder[other.key]);
    else if (action === 2 && Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
    else holder[key] = structuredClone(odd);
  }
  return Buffer.from(JSON.stringify(json));
}

interface ValuePlace {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

/** Every value in an object or array, however deep. */
function valuesIn(json: unknown): ValuePlace[] {
  if (typeof json !== 'object' || json === null) return [];
  const holder = json as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...valuesIn(holder[key])]);
}
