import { join } from 'node:path';
import { shared } from '../../test/support/paths.ts';

/** A trained model with its data, and how it is trained further. */
export interface Task {
  readonly name: string;
  readonly title: string;
  readonly model: string;
  /** Made by prepare.py, with train, val and test parts. */
  readonly data: string;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  /** Every way is measured, not the main ones alone. */
  readonly allWays: boolean;
}

/** The flags of both sides: Adam, and a learning rate that falls as half a cosine where a way says nothing else. */
export function trainingFlags({ epochs, batch, learningRate }: Task, way: readonly string[]): string[] {
  const flags = { epochs, batch, 'learning-rate': learningRate, optimizer: 'adam', decay: 'cosine' };
  return Object.entries(flags)
    .map(([flag, value]) => [`--${flag}`, String(value)])
    .filter(([flag]) => !way.includes(flag))
    .flat();
}

/** @param folder where prepare.py puts what it makes */
export function tasksIn(folder: string): Task[] {
  const predmaint = join(shared, 'models/predmaint');
  return [
    {
      name: 'mnist',
      title: 'MNIST by rows, LSTM(128), trained by Keras',
      model: join(folder, 'mnist.keras'),
      data: join(folder, 'mnist.npz'),
      epochs: 10,
      batch: 64,
      learningRate: 0.002,
      allWays: true,
    },
    {
      name: 'shakespeare',
      title: 'Tiny Shakespeare by characters, Embedding(32) and LSTM(128), trained by Keras',
      model: join(folder, 'shakespeare.keras'),
      data: join(folder, 'shakespeare.npz'),
      epochs: 5,
      batch: 64,
      learningRate: 0.002,
      allWays: false,
    },
    {
      name: 'failure',
      title: 'C-MAPSS, failure within 30 cycles, LSTM(100) and LSTM(50) as published',
      model: join(predmaint, 'binary_model.h5'),
      data: join(folder, 'failure.npz'),
      epochs: 12,
      batch: 64,
      learningRate: 0.002,
      allWays: false,
    },
    {
      name: 'life',
      title: 'C-MAPSS, remaining cycles, LSTM(100) and LSTM(50) as published',
      model: join(predmaint, 'regression_model.h5'),
      data: join(folder, 'life.npz'),
      epochs: 12,
      batch: 64,
      learningRate: 0.002,
      allWays: false,
    },
  ];
}
