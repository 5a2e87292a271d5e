import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { openModel } from '../../../extension/formats/open.ts';
import { besideGzip, measureSizes } from '../../../extension/jobs/sizes.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { safetensorsBytes } from '../../support/safetensorsFile.ts';
import { scratchFiles } from '../../support/scratch.ts';

const write = scratchFiles();

/** An LSTM, one matrix of which has more values than are counted at a time; every third value is 0, as -0 is. */
const hidden = 600;
const rows = 4 * hidden;
const values = randomFloats(rows + rows * hidden, seeded(1)).map((value, i) => (i % 3 === 0 ? -0 : value));
const header = {
  'rnn.weight_ih_l0': { dtype: 'F32', shape: [rows, 1], data_offsets: [0, 4 * rows] },
  'rnn.weight_hh_l0': { dtype: 'F32', shape: [rows, hidden], data_offsets: [4 * rows, 4 * values.length] },
};
const bytes = safetensorsBytes(header, Buffer.from(values.buffer));
const path = write('large.safetensors', bytes);

test('what is not 0 is counted across all parts of a large weight, and the file is as large with gzip as gzip makes it', async () => {
  const model = await openModel(path);
  try {
    const context = recordedContext();
    const { gzip, result } = await besideGzip(model, context, () => measureSizes(model, context));
    const nonzero = values.filter((value) => value !== 0).length;
    assert.deepEqual(result, { file: bytes.length, nonzero, parameters: values.length });
    assert.equal(gzip, gzipSync(readFileSync(path), { level: 6 }).length);
  } finally {
    await model.close();
  }
});

test('where the work beside it fails, its error is thrown; where the job is given up, the work has ended before', async () => {
  const model = await openModel(path);
  try {
    const failing = () => Promise.reject(new Error('of the work'));
    await assert.rejects(besideGzip(model, recordedContext(), failing), /of the work/);
    const context = recordedContext();
    let ended = false;
    const slow = async () => {
      context.abort.abort();
      for (let i = 0; i < 100; i++) await setImmediate();
      ended = true;
    };
    await assert.rejects(besideGzip(model, context, slow), { name: 'AbortError' });
    assert.ok(ended);
  } finally {
    await model.close();
  }
});
