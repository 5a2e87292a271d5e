import type { Message } from './messages.ts';
import type { MatchName, OptimizerName, Recipe, RecoveryName } from './recipe.ts';

export type Cell = 'LSTM' | 'GRU' | 'RNN';
export type Direction = 'forward' | 'backward';
/** LSTM i, f, c, o; GRU z, r, h; plain RNN h. */
export type GateName = 'i' | 'f' | 'c' | 'o' | 'z' | 'r' | 'h';
/** Matrices that every gate has. */
export type GateMatrix = 'kernel' | 'recurrent';
/** A projection is a matrix of its own, without gates. */
export type MatrixName = GateMatrix | 'projection';
export type SplitName = 'train' | 'val' | 'test';

/** Statistics over the values of one gate in one matrix. Fractions are 0…1; magnitudes are in the weights' own unit. */
export interface MatrixStatistics {
  size: number;
  /** Values that are exactly 0 (either sign). */
  zeros: number;
  /** zeros / size. */
  sparsity: number;
  meanAbs: number;
  maxAbs: number;
  /** Values, zeros included, below a tenth of the mean magnitude of their whole matrix (all gates). */
  nearZero: number;
}

/** A weight tensor that is no recurrent layer's. */
export interface TensorReport extends MatrixStatistics {
  name: string;
}

export interface GateReport {
  kernel: MatrixStatistics;
  recurrent: MatrixStatistics;
  /** Absent where the layer has no bias; two bias vectors are reported as one (their sum), and a peephole's weights count as biases. */
  bias?: MatrixStatistics;
}

export interface ProjectionReport extends MatrixStatistics {
  /** What a layer puts out for each step. */
  outputSize: number;
}

export interface LayerReport {
  name: string;
  cell: Cell;
  direction: Direction;
  inputSize: number;
  hiddenSize: number;
  /** Zeros / size over kernel and recurrent kernel of all gates, and the projection. */
  sparsity: number;
  gates: Partial<Record<GateName, GateReport>>;
  /** Absent where the layer puts out its hidden units' outputs as they are. */
  projection?: ProjectionReport;
  /** Hidden units whose candidate (c of an LSTM, h otherwise) has only zero weights and bias: their output is always 0. */
  deadUnits: number[];
}

export interface InspectReport {
  format: string;
  /** Size of the file. */
  bytes: number;
  /** Number of weights in the whole model. */
  parameters: number;
  /** Zeros / size over the prunable weights. */
  sparsity: number;
  layers: LayerReport[];
  /** What else is prunable because a recipe includes it by name; absent where there is none. */
  included?: TensorReport[];
  /** What people must know of the file itself; absent where there is nothing. */
  fileNotes?: Message[];
  /** Why the model cannot be evaluated; absent where it can. */
  notEvaluable?: Message;
  /** What evaluating takes for granted, as the file does not say it; absent where it says all. */
  assumptions?: Message[];
}

export interface Metrics {
  /** Share of right answers, 0…1. */
  accuracy?: number;
  meanAbsoluteError?: number;
  /** exp(loss) of a categorical cross-entropy. */
  perplexity?: number;
  /** The loss as a sum over what it is the mean of, where Keras has that: its evaluate() in one batch. */
  sum?: number;
  /** What regularizers of the file add to the loss; absent where they add nothing. */
  penalty?: number;
}

export interface EvaluateReport {
  /** Mean over samples and unmasked steps, natural logarithm, with what regularizers of the file add. */
  loss: number;
  /** Keras' name, such as binary_crossentropy. */
  lossName: string;
  metrics: Metrics;
  split: SplitName | 'all' | 'tail';
  samples: number;
  seconds: number;
  engine: string;
  notes: Message[];
}

/** How far the pruned model's outputs are from the original's where there is no data. Never called a loss. */
export interface Divergence {
  value: number;
  kind: 'kl' | 'relative-mse';
  samples: number;
  steps: number;
}

export interface Sizes {
  /** Bytes of the file. */
  file: number;
  /** Bytes of `gzip -6` of the file. */
  gzip: number;
  /** Nonzero weights of the whole model. */
  nonzero: number;
  /** All weights of the whole model. */
  parameters: number;
}

/** One state of the model: as opened, with the plan applied, or as written. */
export interface ModelState extends InspectReport {
  /** 1 − remaining nonzero / original prunable weights. */
  reduction: number;
  sizes: Sizes;
  loss?: number;
  lossName?: string;
  metrics?: Metrics;
  divergence?: Divergence;
}

export interface DataSummary {
  file: string;
  split: EvaluateReport['split'];
  samples: number;
}

/** One time through the training samples. */
export interface FinetuneEpoch {
  /** From 1. */
  epoch: number;
  /** Mean over the epoch's training samples, each measured before its own step; with what regularizers of the file add, without --l1 and --l2. */
  loss: number;
  /** The same of the weights at the epoch's end. */
  validationLoss: number;
  /** Of the prunable weights at the epoch's end. */
  sparsity: number;
  seconds: number;
  /** At the epoch's first step. */
  learningRate: number;
}

/** How a schedule changed the masks of a training. */
export interface MaskUpdates {
  /** Times that they changed. */
  updates: number;
  /** Steps that had been taken before the last change. */
  lastStep: number;
  /** Weights that came back, as often as they did; 0 where masks only grow. */
  regrown: number;
}

/** How a pruned model was trained further. */
export interface FinetuneReport {
  epochs: FinetuneEpoch[];
  /** Of the pruned weights before any training, to compare the epochs with. */
  validationLossBefore: number;
  /** The epoch with the lowest validation loss, the first of equals; 0: no epoch was better than the pruned weights. */
  best: number;
  /** The epoch whose weights were written: the last; with patience or where it was ended by hand the best. */
  kept: number;
  /** All epochs; no lower validation loss for `patience` epochs; or the user had enough. */
  stopped: 'done' | 'early' | 'cancelled';
  optimizer: OptimizerName;
  /** At the first step. */
  learningRate: number;
  /** Where it is unsupervised, the losses are those against the original's outputs. */
  recovery: RecoveryName;
  /** How outputs were compared with the original's; absent where they were not. */
  match?: MatchName;
  /** Of the match kl. */
  temperature?: number;
  /** Share of the loss against the original's outputs; absent where there is no other. */
  mix?: number;
  trainSamples: number;
  validationSamples: number;
  /** `held`: the last 10 % of the training part; a part of the data otherwise. */
  validationSplit: EvaluateReport['split'] | 'held';
  /** Absent where all was pruned before the training. */
  masks?: MaskUpdates;
  /** Epochs that an earlier process had done, where this one took up its checkpoint. */
  resumedAt?: number;
}

/** Which layers lost hidden units for good. */
export interface ShrinkReport {
  /** Hidden units; 0 after where the layer has left whole. */
  layers: { name: string; before: number; after: number }[];
  /** Layers whose units, or which whole, cannot go whatever their weights are. */
  frozen: { layers: string[]; reason: Message }[];
}

/**
 * A dense model of the same structure with fewer hidden units, and so about as many parameters as the pruned one has nonzero weights:
 * drawn, not trained before, then trained like the pruned one. What is measured is measured like `after`.
 */
export interface ControlReport extends Pick<ModelState, 'loss' | 'lossName' | 'metrics' | 'divergence'> {
  /** Every recurrent layer with its hidden units. */
  layers: { name: string; units: number }[];
  /** Of the whole model. */
  parameters: number;
  /** That were trained; early stopping may have ended before the last. */
  epochs: number;
  /** Of these epochs. */
  seconds: number;
}

export interface PruneReport {
  /** The original file. */
  model: string;
  /** The file that was written. */
  output: string;
  /** Settings that reproduce this result. */
  recipe: Recipe;
  /** The file as opened. */
  before: ModelState;
  /** The plan applied to the original weights, nothing trained. */
  pruned: ModelState;
  /** What was written, read back from disk. Equal to `pruned` where nothing was trained. */
  after: ModelState;
  /** Absent where nothing was trained. */
  finetune?: FinetuneReport;
  /** Absent where the recipe does not shrink. */
  shrink?: ShrinkReport;
  /** Absent where none was asked for, or none could be trained, as a note says then. */
  control?: ControlReport;
  data?: DataSummary;
  engine?: string;
  seconds: number;
  notes: Message[];
}
