import type { Message } from './messages.ts';
import type { Divergence } from './report.ts';

interface Target {
  /** How names of its files end. */
  readonly ending: string;
  readonly label: string;
  /** Several files, in a folder whose name ends so. */
  readonly folder?: string;
}

/** Formats that models are converted to, in the order in which they are offered. */
export const conversionTargets = {
  onnx: { ending: '.onnx', label: 'ONNX' },
  keras: { ending: '.keras', label: 'Keras 3' },
  tfjs: { ending: 'model.json', label: 'TensorFlow.js', folder: '.tfjs' },
} as const satisfies Record<string, Target>;

export type ConversionTarget = keyof typeof conversionTargets;

/** The format that a file's name asks for; of a format of several files it is the whole name, which is always the same. */
export function targetOf(file: string): ConversionTarget | undefined {
  const name = file.toLowerCase().replace(/^.*[\\/]/, '');
  const targets = Object.keys(conversionTargets) as ConversionTarget[];
  return targets.find((target) => {
    const { ending } = conversionTargets[target];
    return 'folder' in conversionTargets[target] ? name === ending : name.endsWith(ending);
  });
}

export interface ConvertReport {
  /** The file that was converted. */
  model: string;
  /** The file that was written. */
  output: string;
  /** Of the output, for people. */
  format: string;
  /** Sizes of all files of both. */
  bytes: { before: number; after: number };
  /** Of the outputs of what was written, from those of the original; absent where they do not vary, or are no finite numbers. */
  divergence?: Divergence;
  engine: string;
  seconds: number;
  notes: Message[];
}
