import type { TrainingConfiguration } from '../../model/model.ts';
import { type OptimizerSettings, optimizerDefaults } from '../../model/optimizer.ts';
import type { Settings } from './config.ts';

type OptimizerConfiguration = Pick<TrainingConfiguration, 'optimizer' | 'unknownOptimizer' | 'learningRate'>;

/**
 * The optimizer of a training configuration. Keras 1, 2 and 3 write `optimizer_config` into .h5 files, Keras 3 `optimizer`
 * into .keras files, its early versions the bare name where compile() was given one.
 */
export function optimizerConfiguration(compiled: Settings): OptimizerConfiguration {
  const written = compiled.optimizer_config ?? compiled.optimizer;
  if (typeof written === 'string') return known(written, {});
  if (!written || typeof written !== 'object') return {};
  const { class_name: className, config } = written as { class_name?: unknown; config?: Settings };
  if (typeof className !== 'string') return {};
  const settings = config ?? {};
  // Mixed precision wraps the optimizer.
  if (className === 'LossScaleOptimizer')
    return optimizerConfiguration({ optimizer: settings.inner_optimizer });
  // TensorFlow 2.11 to 2.15 register their own optimizers like those of users.
  return known(className.replace(/^Custom>/, ''), settings);
}

function known(name: string, settings: Settings): OptimizerConfiguration {
  const rule = rules.get(name.toLowerCase());
  if (!rule) return { unknownOptimizer: name };
  const different = Object.entries(settings)
    .filter(([key, value]) => changing.has(key) && value !== null && value !== false && value !== 0)
    .map(([key, value]) => (value === true ? key : `${key} ${value}`));
  const exact = different.length === 0 && rule.settings(settings).name === name.toLowerCase();
  const learningRate = rateOf(settings, rule.rate);
  return {
    optimizer: rule.settings(settings),
    ...(!exact && { unknownOptimizer: [name, ...different].join(', ') }),
    ...(learningRate !== undefined && { learningRate }),
  };
}

interface Rule {
  /** Keras' default learning rate. */
  readonly rate: number;
  settings(config: Settings): OptimizerSettings;
}

const adam: Rule = {
  rate: 1e-3,
  settings: (config) => ({
    name: 'adam',
    beta1: number(config.beta_1, optimizerDefaults.adam.beta1),
    beta2: number(config.beta_2, optimizerDefaults.adam.beta2),
    epsilon: number(config.epsilon, optimizerDefaults.adam.epsilon),
  }),
};

/** By Keras' class name in small letters; AdamW is an Adam whose weights decay. */
const rules = new Map<string, Rule>([
  ['adam', adam],
  ['adamw', adam],
  [
    'sgd',
    {
      rate: 1e-2,
      settings: (config) => ({
        name: 'sgd',
        momentum: number(config.momentum, optimizerDefaults.sgd.momentum),
        nesterov: config.nesterov === true,
      }),
    },
  ],
  [
    'rmsprop',
    {
      rate: 1e-3,
      settings: (config) => ({
        name: 'rmsprop',
        rho: number(config.rho, optimizerDefaults.rmsprop.rho),
        momentum: number(config.momentum, optimizerDefaults.rmsprop.momentum),
        epsilon: number(config.epsilon, optimizerDefaults.rmsprop.epsilon),
      }),
    },
  ],
]);

/** Options that make of an optimizer another one than its name says, where they are neither null, false nor 0. */
const changing = new Set([
  'amsgrad',
  'centered',
  'decay',
  'weight_decay',
  'clipnorm',
  'clipvalue',
  'global_clipnorm',
  'use_ema',
  'gradient_accumulation_steps',
]);

/** Keras before 2.3 writes `lr`; a schedule is an object, and says no rate to go on with. */
function rateOf(config: Settings, usual: number): number | undefined {
  const rate = config.learning_rate ?? config.lr ?? usual;
  return typeof rate === 'number' && Number.isFinite(rate) && rate > 0 ? shortest(rate) : undefined;
}

/** Keras reads its settings back from float32: 0.0020000000949949026 was 0.002. */
function shortest(value: number): number {
  const short = Number(value.toPrecision(7));
  return Math.fround(short) === Math.fround(value) ? short : value;
}

function number(value: unknown, usual: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? shortest(value) : usual;
}
