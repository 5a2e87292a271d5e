import type { Dataset, PartName, Samples } from '../../data/dataset.ts';
import { loadTraining } from '../../data/split.ts';
import type { Message } from '../../protocol/messages.ts';
import { takeSamples } from '../minibatch.ts';
import { epochOrder } from '../order.ts';

/** Those that a training with this seed would take first, at most so many. */
export function firstSamples({ inputs, targets, count }: Samples, most: number, seed: number): Samples {
  const indices = epochOrder(count, seed, 1).subarray(0, most);
  return {
    inputs: inputs.map((input) => takeSamples(input, indices)),
    targets: takeSamples(targets, indices),
    count: indices.length,
  };
}

/**
 * What evidence is gathered from: the training part without what is held for validation; the reported samples only where there is none,
 * which is noted.
 */
export async function evidencePart(
  dataset: Dataset,
  reported: { readonly split: PartName; readonly samples: Samples },
  signal?: AbortSignal,
): Promise<{ samples: Samples; notes: readonly Message[] }> {
  const part = dataset.parts.train;
  if (!part || part.count === 0)
    return { samples: reported.samples, notes: [{ code: 'noteEvidenceReported', args: {} }] };
  const { train } = await loadTraining(dataset, reported, signal);
  const seen = reported.split === 'train' || reported.split === 'all';
  return { samples: train, notes: seen ? [{ code: 'noteEvidenceReported', args: {} }] : [] };
}
