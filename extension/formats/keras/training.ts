import type { TrainingConfiguration } from '../../model/model.ts';

const aliases: Record<string, string> = {
  mse: 'mean_squared_error',
  mae: 'mean_absolute_error',
  mape: 'mean_absolute_percentage_error',
  msle: 'mean_squared_logarithmic_error',
  bce: 'binary_crossentropy',
};

/** The loss of `training_config` (.h5) or `compile_config` (.keras), by Keras' function name. */
export function trainingConfiguration(json: unknown): TrainingConfiguration | undefined {
  const compiled = (typeof json === 'string' ? parse(json) : json) as { loss?: unknown } | undefined;
  const loss = single(compiled?.loss);
  if (typeof loss === 'string') return { loss: functionName(loss) };
  if (!loss || typeof loss !== 'object') return undefined;
  const { class_name: className, config } = loss as { class_name?: unknown; config?: unknown };
  // Keras 3 writes functions as { class_name: 'function', config: 'name' }.
  if (typeof config === 'string') return { loss: functionName(config) };
  if (typeof className !== 'string') return undefined;
  const fromLogits = (config as { from_logits?: unknown } | null)?.from_logits;
  const name = functionName(className);
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

/** `MeanSquaredError`, `mse` and `mean_squared_error` are one loss. */
function functionName(name: string): string {
  const snake = name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  return aliases[snake] ?? snake;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // A damaged training configuration costs only the default loss.
    return undefined;
  }
}
