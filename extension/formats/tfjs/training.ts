import { isHinge } from '../../model/loss.ts';
import type { TrainingConfiguration } from '../../model/model.ts';
import { lossNamed } from '../../protocol/losses.ts';
import type { Settings } from '../keras/config.ts';
import { trainingConfiguration } from '../keras/training.ts';

/**
 * How a model was trained, by TensorFlow.js' `trainingConfig` or by Keras' `training_config` in the topology. TensorFlow.js calls an
 * optimizer's settings by its own names, and RMSProp's rho `decay`.
 */
export function trainingOf(trainingConfig: unknown, topology: Settings): TrainingConfiguration | undefined {
  if (typeof trainingConfig !== 'object' || trainingConfig === null)
    return asTaken(trainingConfiguration(topology.training_config));
  const { loss, optimizer_config: optimizer } = trainingConfig as Settings;
  return asTaken(trainingConfiguration({ loss, optimizer_config: kerasOptimizer(optimizer) }));
}

/** To a hinge of TensorFlow.js a target of 0 is none of −1. */
function asTaken(training: TrainingConfiguration | undefined): TrainingConfiguration | undefined {
  const name = training?.loss === undefined ? undefined : lossNamed(training.loss);
  return name && isHinge(name) ? { ...training, lossOptions: { zeroOne: false } } : training;
}

function kerasOptimizer(optimizer: unknown): unknown {
  const { class_name: className, config } = (optimizer ?? {}) as { class_name?: unknown; config?: Settings };
  if (typeof className !== 'string') return undefined;
  const { learningRate, beta1, beta2, decay, useNesterov, ...others } = config ?? {};
  return {
    class_name: className === 'Momentum' ? 'SGD' : className,
    config: {
      ...others,
      ...(learningRate !== undefined && { learning_rate: learningRate }),
      ...(beta1 !== undefined && { beta_1: beta1 }),
      ...(beta2 !== undefined && { beta_2: beta2 }),
      ...(useNesterov !== undefined && { nesterov: useNesterov }),
      ...(decay !== undefined && (className === 'RMSProp' ? { rho: decay } : { decay })),
    },
  };
}
