import { keptShape } from '../../model/shrinking.ts';
import { JsonText } from '../keras/jsonText.ts';
import { becomesFloat, isEdited, type WeightChange } from './changedWeights.ts';
import { storedAs } from './manifest.ts';
import type { ShardCut } from './shardCuts.ts';
import type { StoredWeight } from './storedWeights.ts';

/** A group of the manifest as it is written. */
export interface WrittenGroup {
  /** All that the group holds, in order; undefined for those that go. */
  readonly weights: readonly { readonly weight: StoredWeight; readonly change: WeightChange | undefined }[];
  readonly cuts: readonly ShardCut[];
}

/** The text of a `model.json` with what changes in the manifest; every other byte stays. */
export function changedManifest(text: string, groups: readonly WrittenGroup[]): string {
  const json = new JsonText(text);
  const written = json.root.members?.get('weightsManifest')?.items ?? [];
  for (const [g, { weights, cuts }] of groups.entries()) {
    const members = written[g]?.members;
    const [paths, list] = [members?.get('paths'), members?.get('weights')];
    const names = cuts.map(({ path }) => path);
    if (paths && JSON.stringify(json.valueOf(paths)) !== JSON.stringify(names)) json.replace(paths, names);
    const gone = weights.flatMap(({ change }, i) => (change ? [] : [i]));
    if (list && gone.length > 0) json.removeItems(list, new Set(gone));
    for (const [i, { weight, change }] of weights.entries()) {
      const entry = list?.items?.[i];
      if (!entry || !change) continue;
      if (becomesFloat(weight, change)) {
        const { quantization: _, ...plain } = json.valueOf(entry) as Record<string, unknown>;
        json.replace(entry, { ...plain, shape: shapeAfter(weight, change) });
        continue;
      }
      const shape = entry.members?.get('shape');
      for (const [axis, length] of shapeAfter(weight, change).entries()) {
        const item = shape?.items?.[axis];
        if (item && length !== weight.shape[axis]) json.replace(item, length);
      }
      const min = entry.members?.get('quantization')?.members?.get('min');
      const exact = isEdited(change) ? exactMin(weight) : undefined;
      if (min && exact !== undefined && json.valueOf(min) !== exact) json.replace(min, exact);
    }
  }
  return json.toString();
}

function shapeAfter({ shape }: StoredWeight, { kept }: WeightChange): readonly number[] {
  return kept ? keptShape(shape, kept) : shape;
}

/**
 * With which TensorFlow.js, that computes v · scale + min in doubles, reads exactly 0 where v is the zero point: what a converter rounded
 * would leave a trace of every weight that was pruned.
 */
function exactMin(weight: StoredWeight): number | undefined {
  const stored = storedAs(weight);
  if (!stored || stored === 'zeroless' || !stored.quantization) return undefined;
  const { scale, zeroPoint } = stored.quantization;
  return -(zeroPoint[0] * scale[0]);
}

/** Puts another text in the place of the model's configuration. */
export function changedTopology(text: string, configText: string): string {
  const { start, end } = topologyPart(text);
  return text.slice(0, start) + configText + text.slice(end);
}

/** The text of the model's own configuration in a `model.json`. */
export function topologyText(text: string): string {
  const { start, end } = topologyPart(text);
  return text.slice(start, end);
}

/** Keras' converter puts the configuration into `model_config`, TensorFlow.js writes it bare. */
function topologyPart(text: string): { start: number; end: number } {
  const json = new JsonText(text);
  const topology = json.root.members?.get('modelTopology');
  const config = topology?.members?.get('model_config');
  return (config && json.valueOf(config) !== null ? config : topology) ?? json.root;
}
