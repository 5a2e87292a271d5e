import { writeFile } from 'node:fs/promises';
import { floats, integers } from './npy.ts';
import { npzBytes } from './zip.ts';

/** Samples of which the last fifth, two batches, is reported. */
const samples = 640;
const steps = 32;
const symbols = 7;

/**
 * Writes an .npz that the Reber example takes, quicker to evaluate on than its own: x [640, 32, 7] one-hot, y [640, 32] the symbol that
 * follows. The sequences are no Reber words, so the loss means nothing.
 */
export async function writeSequenceData(path: string): Promise<void> {
  const symbolAt = (sample: number, step: number) => (sample * 3 + step * (1 + (sample % 3))) % symbols;
  const x = new Float32Array(samples * steps * symbols);
  const y: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    for (let step = 0; step < steps; step++) {
      x[(sample * steps + step) * symbols + symbolAt(sample, step)] = 1;
      y.push(symbolAt(sample, step + 1));
    }
  }
  const arrays = { x: floats([samples, steps, symbols], x), y: integers([samples, steps], y) };
  await writeFile(path, npzBytes(arrays));
}
