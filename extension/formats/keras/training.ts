import type { LossOptions } from '../../model/loss.ts';
import type { TrainingConfiguration } from '../../model/model.ts';
import { entryOf } from '../entryOf.ts';
import { jsonFault } from '../jsonFault.ts';
import type { Settings } from './config.ts';
import { optimizerConfiguration } from './optimizer.ts';
import { isOwnLayer } from './ownClass.ts';

/** The loss and the optimizer of `training_config` (.h5) or `compile_config` (.keras), by whichever of Keras' names they have. */
export function trainingConfiguration(json: unknown): TrainingConfiguration | undefined {
  const compiled = typeof json === 'string' ? parse(json) : json;
  if (!compiled || typeof compiled !== 'object') return undefined;
  const { loss, loss_weights: weights } = compiled as Settings;
  const training = {
    ...lossConfiguration(loss, single(weights)),
    ...scalingOf(loss),
    ...optimizerConfiguration(compiled as Settings),
  };
  return Object.keys(training).length > 0 ? training : undefined;
}

type Described = Pick<TrainingConfiguration, 'loss' | 'fromLogits' | 'lossOptions'>;

/** @param weight of the one output */
function lossConfiguration(loss: unknown, weight: unknown): Described {
  const { lossOptions, ...described } = describedLoss(single(loss));
  const options = { ...lossOptions, ...(typeof weight === 'number' && weight !== 1 && { weight }) };
  const hasOptions = described.loss !== undefined && Object.keys(options).length > 0;
  return { ...described, ...(hasOptions && { lossOptions: options }) };
}

function describedLoss(loss: unknown): Described {
  if (typeof loss === 'string') return { loss };
  if (!loss || typeof loss !== 'object') return {};
  const { class_name: className, config, module } = loss as Settings;
  // Keras 3 writes functions as { class_name: 'function', config: 'name' }.
  if (typeof config === 'string') return { loss: config };
  if (typeof className !== 'string') return {};
  if (isOwnLayer(loss as Settings)) return { loss: `${module}>${className}` };
  const settings = (config ?? {}) as Settings;
  const { known, unknown } = changedOptions(className, settings);
  return {
    loss: [className, ...unknown].join(', '),
    ...(typeof settings.from_logits === 'boolean' && { fromLogits: settings.from_logits }),
    lossOptions: known,
  };
}

/** A sum over the batch in place of a mean is larger the more samples a batch has. */
function scalingOf(loss: unknown): Pick<TrainingConfiguration, 'scaling'> {
  const { config } = (single(loss) ?? {}) as { config?: Settings };
  const { reduction } = (typeof config === 'object' ? config : undefined) ?? {};
  return reduction === 'sum' ? { scaling: 'reduction = sum' } : {};
}

/** What changes a loss' value: what it is by default, and what it is called here where it is known. */
const lossArguments: Readonly<Record<string, readonly [absent: unknown, name: keyof LossOptions]>> = {
  label_smoothing: [0, 'labelSmoothing'],
  delta: [1, 'delta'],
  ignore_class: [null, 'ignoreClass'],
  gamma: [2, 'gamma'],
  alpha: [0.25, 'alpha'],
  beta: [0.5, 'beta'],
  q: [0.5, 'q'],
  apply_class_balancing: [false, 'balanced'],
  axis: [-1, 'axes'],
};

/** Those of some losses that are others by default. */
const ownDefaults: Readonly<Record<string, Readonly<Settings>>> = {
  Dice: { axis: null },
  Tversky: { axis: null, alpha: 0.5 },
};

/** Arguments by which a loss is another one than its name says; with one that is not known it is none that is computed. */
function changedOptions(
  className: string,
  settings: Settings,
): { readonly known: LossOptions; readonly unknown: string[] } {
  const defaults = entryOf(ownDefaults, className) ?? {};
  const changed = Object.entries(lossArguments).flatMap(([key, [usual, name]]) => {
    const value = settings[key];
    if (value === undefined || value === (key in defaults ? defaults[key] : usual)) return [];
    const axes = name === 'axes' ? axesOf(value) : undefined;
    const isKnown = name === 'balanced' ? typeof value === 'boolean' : axes || Number.isFinite(value);
    return [{ key, value: axes ?? value, name: isKnown ? name : undefined }];
  });
  return {
    known: Object.fromEntries(changed.flatMap(({ name, value }) => (name ? [[name, value]] : []))),
    unknown: changed.flatMap(({ key, value, name }) => (name ? [] : [`${key} ${String(value)}`])),
  };
}

/** One or several; Keras 3 writes a tuple as an object. */
function axesOf(value: unknown): readonly number[] | undefined {
  const items = (value as { items?: unknown } | null)?.items ?? value;
  const axes: unknown[] = Array.isArray(items) ? items : [items];
  return axes.every((axis): axis is number => Number.isInteger(axis)) ? axes : undefined;
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
  // A damaged training configuration costs only the default loss.
  if (jsonFault(json)) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
