import { writeFile } from 'node:fs/promises';
import { floats, integers } from './npy.ts';
import { npzBytes } from './zip.ts';

/** The last fifth of these, two batches, is reported. */
const manySamples = 640;
const steps = 32;
const symbols = 7;

/**
 * Writes an .npz that the Reber example takes, quicker to evaluate on than its own: x [samples, 32, 7] one-hot, y [samples, 32] the symbol
 * that follows. The sequences are no Reber words, so the loss means nothing.
 */
export async function writeSequenceData(path: string, samples = manySamples): Promise<void> {
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
