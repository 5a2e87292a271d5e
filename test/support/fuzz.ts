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

/** What became of a damaged model file: a code, or `fine`. Throws whatever is no `UserError`. */
export async function tryModel(path: string, output: string): Promise<string> {
  return outcome(async () => {
    await probe({ path }, recordedContext());
    await prune({ path, recipe: { sparsity: 0.5 }, output, force: true }, recordedContext());
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
