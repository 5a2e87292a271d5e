import type { TrainingConfiguration } from '../../model/model.ts';
import type { Settings } from '../keras/config.ts';
import { trainingConfiguration } from '../keras/training.ts';

/**
 * How a model was trained, by TensorFlow.js' `trainingConfig` or by Keras' `training_config` in the topology. TensorFlow.js calls an
 * optimizer's settings by its own names, and RMSProp's rho `decay`.
 */
export function trainingOf(trainingConfig: unknown, topology: Settings): TrainingConfiguration | undefined {
  if (typeof trainingConfig !== 'object' || trainingConfig === null)
    return trainingConfiguration(topology.training_config);
  const { loss, optimizer_config: optimizer } = trainingConfig as Settings;
  return trainingConfiguration({ loss, optimizer_config: kerasOptimizer(optimizer) });
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
