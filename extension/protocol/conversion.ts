import type { Message } from './messages.ts';
import type { Divergence } from './report.ts';

/** Formats that models are converted to, each with the ending of its files, in the order in which they are offered. */
export const conversionTargets = {
  onnx: { ending: '.onnx', label: 'ONNX' },
} as const satisfies Record<string, { ending: string; label: string }>;

export type ConversionTarget = keyof typeof conversionTargets;

/** The format that a file's name asks for. */
export function targetOf(file: string): ConversionTarget | undefined {
  const lower = file.toLowerCase();
  const targets = Object.entries(conversionTargets) as [ConversionTarget, { ending: string }][];
  return targets.find(([, { ending }]) => lower.endsWith(ending))?.[0];
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
  /** Of the outputs of what was written, from those of the original; absent where they do not vary. */
  divergence?: Divergence;
  engine: string;
  seconds: number;
  notes: Message[];
}
