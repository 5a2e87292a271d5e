import type { TrainingConfiguration } from '../../model/model.ts';

/** The loss of `training_config` (.h5) or `compile_config` (.keras), by whichever of Keras' names it has. */
export function trainingConfiguration(json: unknown): TrainingConfiguration | undefined {
  const compiled = (typeof json === 'string' ? parse(json) : json) as { loss?: unknown } | undefined;
  const loss = single(compiled?.loss);
  if (typeof loss === 'string') return { loss: loss };
  if (!loss || typeof loss !== 'object') return undefined;
  const { class_name: className, config } = loss as { class_name?: unknown; config?: unknown };
  // Keras 3 writes functions as { class_name: 'function', config: 'name' }.
  if (typeof config === 'string') return { loss: config };
  if (typeof className !== 'string') return undefined;
  const fromLogits = (config as { from_logits?: unknown } | null)?.from_logits;
  const name = className;
  return typeof fromLogits === 'boolean' ? { loss: name, fromLogits } : { loss: name };
}

/** Losses may be listed by output; with one output there is one. */
function single(loss: unknown): unknown {
  if (Array.isArray(loss)) return loss.length === 1 ? loss[0] : undefined;
  if (loss && typeof loss === 'object' && !('class_name' in loss)) {
    const values = Object.values(loss);
    return values.length === 1 ? values[0] : undefined;
  }
  return loss;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // A damaged training configuration costs only the default loss.
    return undefined;
  }
}
