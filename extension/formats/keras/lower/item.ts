import type { Call } from '../calls.ts';
import type { Builder, PlacedLayer, Value } from './lowering.ts';
import { setting } from './options.ts';
import { unsupported } from './refusals.ts';

/** The operation of `x[:, -1]` and the like, all samples with whole numbers and slices of the axes behind; it drops masks. */
export function lowerItem(
  layer: PlacedLayer,
  { constants }: Call,
  inputs: readonly Value[],
  builder: Builder,
): Value {
  const [index] = constants;
  const refused = () => unsupported(layer, setting('args', [...constants]));
  if (inputs.length !== 1 || constants.length !== 1 || !Array.isArray(index)) throw refused();
  const [samples, ...others] = index.map(rangeOf);
  if (typeof samples !== 'object' || !isWholeRange(samples)) throw refused();
  let [{ name }] = inputs;
  let axis = 1;
  for (const place of others) {
    if (place === undefined) throw refused();
    const base = builder.base(layer, name);
    if (typeof place === 'number') {
      name = builder.add({ ...base, op: 'Select', axis, index: place });
      continue;
    }
    const { start, stop, step } = place;
    if (step === -1) {
      if (axis !== 1 || start !== null || stop !== null) throw refused();
      name = builder.add({ ...base, op: 'Reverse' });
    } else if (!isWholeRange(place)) {
      const bounds = {
        begin: start ?? 0,
        ...(stop !== null && { end: stop }),
        ...(step !== null && { step }),
      };
      name = builder.add({ ...base, op: 'Slice', axis, ...bounds });
    }
    axis++;
  }
  return { name };
}

interface Range {
  readonly start: number | null;
  readonly stop: number | null;
  readonly step: number | null;
}

function isWholeRange({ start, stop, step }: Range): boolean {
  return (start ?? 0) === 0 && stop === null && (step ?? 1) === 1;
}

/**
 * What stands at one place of the brackets: a whole number, or a slice that goes forwards, or backwards step by step; undefined of anything
 * else.
 */
function rangeOf(item: unknown): number | Range | undefined {
  if (Number.isSafeInteger(item)) return Number(item);
  const { class_name: className, config } = (item ?? {}) as { class_name?: unknown; config?: Partial<Range> };
  const bounds = [config?.start, config?.stop, config?.step].map((one) => one ?? null);
  const areNumbers = bounds.every((one) => one === null || Number.isSafeInteger(one));
  const [start, stop, step] = bounds;
  return className === '__slice__' && areNumbers && ((step ?? 1) >= 1 || step === -1)
    ? { start, stop, step }
    : undefined;
}
