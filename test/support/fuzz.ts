import { mainFileOf } from '../../extension/formats/mainFileOf.ts';
import { openModel } from '../../extension/formats/open.ts';
import { inspect } from '../../extension/jobs/inspect.ts';
import { probe } from '../../extension/jobs/probe.ts';
import { prune } from '../../extension/jobs/prune.ts';
import { UserError } from '../../extension/protocol/userError.ts';
import { recordedContext } from './jobContext.ts';
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

/** What became of a damaged model file: a code, or `fine`. Throws whatever is no `UserError`. */
export async function tryModel(path: string, output: string): Promise<string> {
  return outcome(async () => {
    await probe({ path }, recordedContext());
    await prune({ path, recipe: { sparsity: 0.5 }, output, force: true }, recordedContext());
  });
}

/** The same without an engine: looks at the model, writes it with a mask, and looks at what was written. */
export async function trySaving(path: string, output: string): Promise<string> {
  return outcome(async () => {
    await probe({ path }, recordedContext());
    await inspect({ path }, recordedContext());
    const model = await openModel(path);
    try {
      for (const parameter of model.parameters)
        parameter.mask = Uint8Array.from(await parameter.read(), (_, i) => i % 2);
      await model.save(output, { compress: false });
    } finally {
      await model.close();
    }
    await inspect({ path: mainFileOf(model, output) }, recordedContext());
  });
}

/** What becomes of a file that is only looked at. */
export async function openWhole(path: string): Promise<string> {
  return outcome(() => inspect({ path }, recordedContext()));
}

async function outcome(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return 'fine';
  } catch (error) {
    if (error instanceof UserError) return error.info.code;
    throw error;
  }
}
