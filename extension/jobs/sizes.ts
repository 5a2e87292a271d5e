import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Model } from '../model/model.ts';
import { type Parameter, sizeOf } from '../model/parameter.ts';
import type { Sizes } from '../protocol/report.ts';
import { breathe, type JobContext } from './context.ts';

/**
 * A thread of zlib's gets so much at a time, bytes: it works on while this one computes and hands nothing out. What comes out is the same
 * as of smaller pieces.
 */
const pieceBytes = 16 * 2 ** 20;

/** So many values are looked at at a time. */
const partValues = 2 ** 20;

/** Sizes of a model on disk, of all its files, and in weights; that with gzip is measured apart. */
export async function measureSizes(model: Model, context: JobContext): Promise<Omit<Sizes, 'gzip'>> {
  let nonzero = 0;
  let parameters = 0;
  for (const parameter of model.parameters) {
    await breathe(context);
    parameters += sizeOf(parameter.shape);
    nonzero += await nonzeroOf(parameter);
  }
  let file = 0;
  for (const path of filesOf(model)) file += (await stat(path)).size;
  return { file, nonzero, parameters };
}

/** Bytes of `gzip -6` of all files of a model, each read once. Rejects where `signal` gives up. */
async function gzipSize(model: Model, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  for (const path of filesOf(model)) {
    await pipeline(
      createReadStream(path, { highWaterMark: pieceBytes }),
      createGzip({ level: 6, chunkSize: pieceBytes }),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) bytes += chunk.length;
      },
      { signal },
    );
  }
  return bytes;
}

/**
 * Does something while the model's size with gzip is measured beside it. Where one of them fails, the other is over, too, when the error is
 * thrown, so that the model may be closed and its files removed.
 */
export async function besideGzip<T>(
  model: Model,
  { signal }: JobContext,
  work: () => Promise<T>,
): Promise<{ readonly gzip: number; readonly result: T }> {
  const failed = new AbortController();
  const measuring = gzipSize(model, AbortSignal.any([signal, failed.signal]));
  const working = work();
  try {
    const [gzip, result] = await Promise.all([measuring, working]);
    return { gzip, result };
  } catch (error) {
    failed.abort();
    const [worked] = await Promise.allSettled([working, measuring]);
    // Where a job is given up both fail, and the work's error is the one for people.
    throw worked.status === 'rejected' ? worked.reason : error;
  }
}

function filesOf({ files, path }: Model): readonly string[] {
  return files ?? [path];
}

/** Values that are not 0, a part after the other where they can be read so. */
async function nonzeroOf(parameter: Parameter): Promise<number> {
  const size = sizeOf(parameter.shape);
  if (!parameter.readPart || size <= partValues) return countNonzero(await parameter.read());
  let count = 0;
  const memory = new Float32Array(partValues);
  for (let from = 0; from < size; from += partValues) {
    const part = memory.subarray(0, Math.min(partValues, size - from));
    await parameter.readPart(from, part);
    count += countNonzero(part);
  }
  return count;
}

function countNonzero(values: Float32Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) count++;
  return count;
}
