import type { TrainingConfiguration } from '../../model/model.ts';
import type { Settings } from './config.ts';
import { optimizerConfiguration } from './optimizer.ts';

/** The loss and the optimizer of `training_config` (.h5) or `compile_config` (.keras), by whichever of Keras' names they have. */
export function trainingConfiguration(json: unknown): TrainingConfiguration | undefined {
  const compiled = typeof json === 'string' ? parse(json) : json;
  if (!compiled || typeof compiled !== 'object') return undefined;
  const training = {
    ...lossConfiguration((compiled as Settings).loss),
    ...scalingOf(compiled as Settings),
    ...optimizerConfiguration(compiled as Settings),
  };
  return Object.keys(training).length > 0 ? training : undefined;
}

function lossConfiguration(loss: unknown): Pick<TrainingConfiguration, 'loss' | 'fromLogits'> {
  const own = single(loss);
  if (typeof own === 'string') return { loss: own };
  if (!own || typeof own !== 'object') return {};
  const { class_name: className, config } = own as { class_name?: unknown; config?: unknown };
  // Keras 3 writes functions as { class_name: 'function', config: 'name' }.
  if (typeof config === 'string') return { loss: config };
  if (typeof className !== 'string') return {};
  const options = (config ?? {}) as Settings;
  const name = [className, ...changedOptions(options)].join(', ');
  return typeof options.from_logits === 'boolean'
    ? { loss: name, fromLogits: options.from_logits }
    : { loss: name };
}

/** Other reductions than to a mean, and weights of one output, multiply the loss that is reported and trained by. */
function scalingOf({ loss, loss_weights: weights }: Settings): Pick<TrainingConfiguration, 'scaling'> {
  const { config } = (single(loss) ?? {}) as { config?: Settings };
  const { reduction } = (typeof config === 'object' ? config : undefined) ?? {};
  const weight = single(weights);
  const settings = [
    ...(reduction === 'sum' ? ['reduction = sum'] : []),
    ...(typeof weight === 'number' && weight !== 1 ? [`loss_weights = ${weight}`] : []),
  ];
  return settings.length > 0 ? { scaling: settings.join(', ') } : {};
}

/** What changes a loss' value, with Keras' defaults. */
const defaults: Readonly<Record<string, unknown>> = {
  label_smoothing: 0,
  delta: 1,
  ignore_class: null,
  axis: -1,
};

/** Options that make of a loss another one than its name says; with one of them the name is no longer a known one. */
function changedOptions(options: Settings): string[] {
  return Object.entries(defaults)
    .filter(([key, value]) => options[key] !== undefined && options[key] !== value)
    .map(([key]) => `${key} ${String(options[key])}`);
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
