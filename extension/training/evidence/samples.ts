import type { BareSamples, Dataset, PartName } from '../../data/dataset.ts';
import { loadTraining } from '../../data/split.ts';
import type { Message } from '../../protocol/messages.ts';
import { takeSamples } from '../minibatch.ts';
import { epochOrder } from '../order.ts';

/** Indices of those of `count` samples that a training with this seed would take first, at most so many. */
export function firstIndices(count: number, most: number, seed: number): Uint32Array {
  return epochOrder(count, seed, 1).subarray(0, most);
}

/** The samples themselves. */
export function firstSamples<S extends BareSamples>(samples: S, most: number, seed: number): S {
  const { inputs, targets, count } = samples;
  const indices = firstIndices(count, most, seed);
  return {
    ...samples,
    inputs: inputs.map((input) => takeSamples(input, indices)),
    ...(targets && { targets: takeSamples(targets, indices) }),
    count: indices.length,
  };
}

/**
 * What evidence is gathered from: the training part without what is held for validation; the reported samples only where there is none,
 * which is noted.
 */
export async function evidencePart<S extends BareSamples>(
  dataset: Dataset<S>,
  reported: { readonly split: PartName; readonly samples: S },
  signal?: AbortSignal,
): Promise<{ samples: S; notes: readonly Message[] }> {
  const part = dataset.parts.train;
  if (!part || part.count === 0)
    return { samples: reported.samples, notes: [{ code: 'noteEvidenceReported', args: {} }] };
  const { train } = await loadTraining(dataset, reported, signal);
  const seen = reported.split === 'train' || reported.split === 'all';
  return { samples: train, notes: seen ? [{ code: 'noteEvidenceReported', args: {} }] : [] };
}
