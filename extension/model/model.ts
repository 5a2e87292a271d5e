import type { Message } from '../protocol/messages.ts';
import type { DescribedLayer } from '../protocol/modelDescription.ts';
import type { Graph } from './graph.ts';
import type { LossOptions } from './loss.ts';
import type { OptimizerSettings } from './optimizer.ts';
import type { Parameter } from './parameter.ts';
import type { RecurrentLayer } from './recurrentLayer.ts';
import type { Redirection } from './removal.ts';
import type { Shrinking } from './shrinking.ts';

/** What the file says about how it was trained. */
export interface TrainingConfiguration {
  /** Keras' name of the loss in any spelling: `binary_crossentropy`, `BinaryCrossentropy`, `mse`. */
  readonly loss?: string;
  /** Cross-entropies: the output is logits. Absent where the file does not say. */
  readonly fromLogits?: boolean;
  /** Other arguments of the loss. */
  readonly lossOptions?: LossOptions;
  /** What multiplies the file's loss, as it is set there, and is left out: `reduction = sum`. */
  readonly scaling?: string;
  /** Absent where the file names none, or one that is not known here. */
  readonly optimizer?: OptimizerSettings;
  /** The file's name of an optimizer that is not known here, or that `optimizer` is only nearly, with what differs. */
  readonly unknownOptimizer?: string;
  /** At which it was trained last; absent where the file holds a schedule, or does not say. */
  readonly learningRate?: number;
}

export interface SaveOptions {
  /** Store the weights compressed where the format can. */
  readonly compress: boolean;
  /** Leave out what hidden units that were removed owned. Optimizer state, which would no longer fit, is left out too. */
  readonly shrink?: Shrinking;
  /**
   * Leave out the layers that nobody reads once these values are read in place of others, and with them the optimizer state. What is to
   * lose units, too, is written, opened and shrunk.
   */
  readonly without?: readonly Redirection[];
  /** Called between parameters; throws to stop. */
  readonly step?: () => Promise<void>;
}

export interface Model {
  readonly path: string;
  /** For people: "Keras 2.0.5 HDF5". */
  readonly format: string;
  /** Size of the file, or of all files. */
  readonly bytes: number;
  /** Where the model is more than the file at `path`: all its files, that one first. */
  readonly files?: readonly string[];
  /** Where `save` makes a folder: the name of the file in it that is opened. Absent where it makes a file. */
  readonly folder?: string;
  /** How the layers of a list of named weights follow each other, by a file of the user's or as it was inferred. */
  readonly described?: readonly DescribedLayer[];
  /** Files of the user's that say of the model what its own do not; `save` leaves them where they are. */
  readonly beside?: readonly string[];
  /** Every weight tensor of the model, prunable or not; optimizer state is not among them. */
  readonly parameters: readonly Parameter[];
  readonly layers: readonly RecurrentLayer[];
  /** Matrices that are kept [out, in]; all others [in, out]. Those of recurrent layers have views of their own. */
  readonly transposed?: ReadonlySet<Parameter>;
  /** Layers that the file can only state one size for, such as the two directions of a Bidirectional. */
  readonly equalSizes?: readonly (readonly RecurrentLayer[])[];
  /** Projections put out fewer values than their layers have hidden units, as PyTorch wants it. */
  readonly narrowProjections?: boolean;
  readonly graph?: Graph;
  /** What training the graph leaves out of what the file's layers do. */
  readonly trainingNotes?: readonly Message[];
  /** Why there is no graph. */
  readonly notEvaluable?: Message;
  readonly training?: TrainingConfiguration;
  /** What writing the model as it is now changes in its files beside values and sizes. */
  writingNotes?(): readonly Message[];
  /** The file holds optimizer state beside the weights. */
  readonly hasOptimizerState: boolean;
  /** What people must know of the file itself, whatever is done with it. */
  readonly fileNotes?: readonly Message[];
  /** What else in the file holds weights, by the names that it has there; they stay as they are. */
  readonly otherWeights?: readonly string[];
  /** Where units leave, optimizer state loses them, too; else it is left out. */
  readonly shrinksOptimizerState?: boolean;
  /** Where weights are masked, so are their moments in the optimizer state; else it stays as it was. */
  readonly masksOptimizerState?: boolean;
  /**
   * Writes the model with the parameters' trained values and masks applied, in the original's own format and layout, to a path that does
   * not exist: a file, or a folder with all files of the model. May leave a part of it behind when it throws; the caller writes to a
   * temporary name.
   */
  save(path: string, options: SaveOptions): Promise<void>;
  /**
   * Throws `UserError` compressUnsupported or shrinkUnsupported where the file holds something that could not be written into a file that
   * is laid out anew. Saving would throw it, too, but after all the work. Leaving layers out is refused like shrinking, and where the
   * file has no way to say it.
   */
  checkRebuild(purpose: 'compress' | 'shrink', without?: readonly Redirection[]): Promise<void>;
  /** What the user must change outside the file for it to be of use after such a loss of units. */
  shrinkNotes?(shrinking: Shrinking): Message[];
  /** Releases the file; nothing can be read afterwards. */
  close(): Promise<void>;
}
