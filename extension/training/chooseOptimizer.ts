import type { TrainingConfiguration } from '../model/model.ts';
import { type OptimizerSettings, optimizerDefaults } from '../model/optimizer.ts';
import type { Message } from '../protocol/messages.ts';
import type { FinetuneOptions } from '../protocol/recipe.ts';
import { UserError } from '../protocol/userError.ts';
import { defaultLearningRate } from './defaults.ts';

export interface OptimizerChoice {
  readonly optimizer: OptimizerSettings;
  readonly learningRate: number;
  /** The learning rate that it would have been had nobody asked for one. */
  readonly usualRate: number;
  readonly notes: readonly Message[];
}

/**
 * What was asked for; else the file's own; else Adam at 0.001. What the recipe leaves open of the optimizer that the file was trained
 * with stays as the file has it; the file's learning rate belongs to the file's optimizer alone. Throws optionsClash.
 */
export function chooseOptimizer(
  options: FinetuneOptions,
  training: TrainingConfiguration = {},
): OptimizerChoice {
  const own = training.optimizer;
  const name = options.optimizer ?? own?.name ?? 'adam';
  const isOwn = own?.name === name;
  const settings = isOwn ? own : optimizerDefaults[name];
  const { unknownOptimizer } = training;
  const isSubstitute = options.optimizer === undefined && unknownOptimizer !== undefined;
  const usualRate = (isOwn ? training.learningRate : undefined) ?? defaultLearningRate;
  return {
    optimizer: options.momentum === undefined ? settings : withMomentum(settings, options.momentum),
    learningRate: options.learningRate ?? usualRate,
    usualRate,
    notes: isSubstitute
      ? [{ code: 'noteOptimizerUnknown', args: { optimizer: unknownOptimizer, used: name } }]
      : [],
  };
}

function withMomentum(settings: OptimizerSettings, momentum: number): OptimizerSettings {
  if (settings.name === 'adam')
    throw new UserError('optionsClash', { option: 'momentum', other: 'optimizer adam' });
  return { ...settings, momentum };
}
