import type { GraphInput } from '../model/graph.ts';
import type { Tensor } from '../model/tensor.ts';
import type { Message } from '../protocol/messages.ts';
import type { EvaluateReport } from '../protocol/report.ts';

/** What the model takes and gives; shapes batch first, null where free. */
export interface ExpectedData {
  readonly inputs: readonly GraphInput[];
  /** Shape of the output; absent where it is not known. */
  readonly output?: readonly (number | null)[];
  /** Data that names no targets will do, too. */
  readonly unlabelled?: boolean;
}

/** Samples in memory, checked against what the model expects. Of some nobody says what should come out. */
export interface BareSamples {
  /** One a model input, in its order: float32, or int32 for token ids; first axis = samples. */
  readonly inputs: readonly Tensor[];
  /** Integers where the file stores integers or truth values; absent where it holds none and nobody needs them. */
  readonly targets?: Tensor;
  readonly count: number;
}

/** The same with their targets. */
export interface Samples extends BareSamples {
  readonly targets: Tensor;
}

/** Part of the data that can be reported; `tail` is the last 20 % where the file has no test or validation part. */
export type PartName = EvaluateReport['split'];

export interface Part<S extends BareSamples = Samples> {
  readonly count: number;
  /** Reads and checks the arrays of this part alone. Throws `UserError`, naming the file and the array. */
  load(signal?: AbortSignal): Promise<S>;
  /** How many of the first `start` samples share nothing with those from there on; absent: all of them. */
  apartFrom?(start: number): number;
}

/** A data file whose contents are known but not yet read. */
export interface Dataset<S extends BareSamples = Samples> {
  /** The file as the user named it; of several .npy files, that of the first input. */
  readonly file: string;
  /** `tail` is there only beside an undivided `all`; `train` is then what comes before it, where that is anything. */
  readonly parts: Readonly<Partial<Record<PartName, Part<S>>>>;
  readonly notes: readonly Message[];
}
