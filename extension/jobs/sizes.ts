import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Model } from '../model/model.ts';
import { sizeOf } from '../model/parameter.ts';
import type { Sizes } from '../protocol/report.ts';
import { breathe, type JobContext } from './context.ts';

/** Sizes of a model on disk, of all its files, and in weights. Reads each file once and one parameter at a time. */
export async function measureSizes(model: Model, context: JobContext): Promise<Sizes> {
  let nonzero = 0;
  let parameters = 0;
  for (const parameter of model.parameters) {
    await breathe(context);
    parameters += sizeOf(parameter.shape);
    for (const value of await parameter.read()) if (value !== 0) nonzero++;
  }
  let file = 0;
  let gzip = 0;
  for (const path of model.files ?? [model.path]) {
    file += (await stat(path)).size;
    gzip += await gzipSize(path, context.signal);
  }
  return { file, gzip, nonzero, parameters };
}

/** Bytes of `gzip -6` of a file. */
async function gzipSize(path: string, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  await pipeline(
    createReadStream(path),
    createGzip({ level: 6 }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) bytes += chunk.length;
    },
    { signal },
  );
  return bytes;
}
