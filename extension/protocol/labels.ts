import { autoLabels } from './autoLabels.ts';
import { controlLabels } from './controlLabels.ts';
import { recipeLabels } from './recipeLabels.ts';
import type { EvaluateReport, GateName } from './report.ts';
import { sensitivityLabels } from './sensitivityLabels.ts';

/**
 * The words of the panel and of the reports. The English sentence is the key of the translation in l10n/; whoever shows them
 * translates them: the host for the panel, `report/` for its pages.
 */
export const labels = {
  /** Between the parts of a list; see `listOf`. */
  separator: ', ',

  // The model
  format: 'Format',
  parameters: 'Parameters',
  parameterCount: '{count} parameters',
  layers: 'Recurrent layers',
  model: 'Model',
  output: 'Output',
  notes: 'Notes',
  noLayers: 'There is no recurrent layer.',
  inputs: '{count} inputs',
  oneInput: '1 input',
  units: '{count} units',
  oneUnit: '1 unit',
  layerRemoved: 'removed from the file',
  backward: 'backward',
  deadUnits: 'Dead units: {units}',
  noDeadUnits: 'No dead units',

  // Gates and matrices
  gate: 'Gate',
  kernel: 'Input kernel',
  recurrent: 'Recurrent kernel',
  projectionOf: 'Projection {shape} ({count} weights): {share} zero',
  bias: 'Bias',
  noBias: 'no bias',
  inputGate: 'input',
  forgetGate: 'forget',
  cellGate: 'cell candidate',
  outputGate: 'output',
  updateGate: 'update',
  resetGate: 'reset',
  hiddenGate: 'candidate',
  gatesOfLayer: 'Gates of {layer}',
  weights: '{count} weights',
  oneWeight: '1 weight',
  values: '{count} values',
  oneValue: '1 value',
  meanAbs: 'mean |w| {value}',
  zero: '{share} zero',
  nearZero: '{share} near zero',
  nearZeroMeaning: 'Near zero: below a tenth of the mean magnitude of the whole matrix.',
  zeroBefore: 'Zero before',
  zeroNow: 'Zero now',
  zeroExactly: 'Exactly zero',
  zeroNearly: 'Near zero',

  // Before and after
  measure: 'Measure',
  before: 'Before',
  pruned: 'Pruned',
  after: 'After',
  change: 'Change',
  points: '{value} points',
  fromTo: '{before} → {after}',
  sparsity: 'Sparsity',
  reduction: 'Prunable weights that are gone',
  prunable: 'Prunable weights',
  loss: 'Loss ({name})',
  lossSum: 'Sum of the losses, as Keras has it of one batch',
  accuracy: 'Accuracy',
  meanAbsoluteError: 'Mean absolute error',
  perplexity: 'Perplexity',
  penalty: 'Of the loss, what regularizers add',
  divergenceKl: 'Divergence from the original (KL)',
  divergenceMse: 'Divergence from the original (relative squared error)',
  fileSize: 'File size',
  gzipSize: 'Size with gzip',
  nonzero: 'Nonzero weights',
  notMeasured: 'not measured',

  // Fine-tuning
  finetuning: 'Fine-tuning',
  epoch: 'Epoch',
  epochsDone: '{count} of {total} epochs',
  oneEpoch: '1 epoch',
  epochOf: 'Epoch {epoch} of {epochs}',
  trainingLoss: 'Training loss',
  validationLoss: 'Validation loss',
  learningRate: 'Learning rate',
  optimizer: 'Optimizer',
  optimizerAt: '{optimizer}, learning rate {rate}',
  trainedBy: 'Trained by',
  trainedOn: 'Trained on',
  validatedOn: 'Validated on',
  splitHeld: 'last 10 % of the training part',
  stoppedEarly: 'stopped early: the validation loss stopped falling',
  stoppedCancelled: 'stopped by hand',
  weightsOfEpoch: 'weights of epoch {epoch}',
  weightsUntrained: 'the pruned weights, untrained',
  resumedAt: 'resumed after epoch {epoch}',
  maskChanges: 'Masks changed',
  maskChangesText: '{count} ×, last after step {step}',
  weightsRegrown: '{count} weights came back',
  oneWeightRegrown: '1 weight came back',
  secondsLeft: '{time} left',
  lossCurve: 'Training and validation loss by epoch',
  lossCurveText:
    'Training loss from {trainFirst} to {trainLast}, validation loss from {validFirst} to {validLast}, lowest in epoch {best}.',
  lossCurveTextWorse:
    'Training loss from {trainFirst} to {trainLast}, validation loss from {validFirst} to {validLast}, never below the {before} of the pruned weights.',
  epochByEpoch: 'Epoch by epoch',
  statesOfModel: 'The model before, pruned and after fine-tuning',

  // How it was done
  result: 'Result',
  recipe: 'Recipe',
  recipeFile: 'Recipe, to be saved as NAME.lstmprune.json beside this report',
  data: 'Data',
  samples: '{count} samples',
  oneSample: '1 sample',
  splitTrain: 'training part',
  splitVal: 'validation part',
  splitTest: 'test part',
  splitAll: 'all samples',
  splitTail: 'last 20 %',
  engine: 'Engine',
  seconds: 'Time',
  reportTitle: 'Pruning report: {name}',

  ...recipeLabels,
  ...sensitivityLabels,
  ...autoLabels,
  ...controlLabels,

  // Actions
  actions: 'Actions',
  prune: 'Prune LSTM',
  showAsText: 'Show Gates as Text',
  correctLayers: 'Correct the Layers',
  reveal: 'Reveal in Explorer',
  openReport: 'Open Report',
  saveReport: 'Save Report…',
  saveRecipe: 'Save Recipe…',
  openOutput: 'Show Its Gates',
  openModel: 'Show Original',
} as const;

export type LabelName = keyof typeof labels;
export type Labels = Record<LabelName, string>;

/** Says a label in the reader's language, with values in its braces. */
export type Say = (label: LabelName, args?: Record<string, string | number>) => string;

/** Texts in a row, separated as the reader's language does it. */
export function listOf(parts: readonly (string | number)[], say: Say): string {
  return parts.join(say('separator'));
}

/** What a gate does, in a word. */
export const gateLabels = {
  i: 'inputGate',
  f: 'forgetGate',
  c: 'cellGate',
  o: 'outputGate',
  z: 'updateGate',
  r: 'resetGate',
  h: 'hiddenGate',
} as const satisfies Record<GateName, LabelName>;

/** Which part of the data a loss was measured on. */
export const splitLabels = {
  train: 'splitTrain',
  val: 'splitVal',
  test: 'splitTest',
  all: 'splitAll',
  tail: 'splitTail',
} as const satisfies Record<EvaluateReport['split'], LabelName>;

/** Puts values into the braces of a template. */
export function fill(template: string, args: Record<string, string | number>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(args[name] ?? whole));
}
