import type {
  CriterionName,
  GranularityName,
  MatchName,
  Recipe,
  RecoveryName,
  RewindName,
  ScheduleName,
  ScopeName,
} from './recipe.ts';

/**
 * What each key of a recipe and its named values mean, in a sentence or two: for completion in recipe files, and for the questions of the
 * editor. The English sentence is the key of the translation in l10n/.
 */
export const keyTexts = {
  data: "Data to measure the loss on and to train with: a .npz, .csv or .tsv file. A relative path begins at the recipe's folder.",
  x: 'The inputs: arrays of the .npz or columns of the table, separated by commas; .npy files where no data is given.',
  y: 'The targets: an array of the .npz, columns of the table, or a .npy file where no data is given.',
  loss: "Keras' name of a loss. Default: the file's own, else the one that fits outputs and targets.",
  split: 'The part of the data that is reported. Default: test, else val, else the last 20 %.',
  batch: 'Samples of a training step; otherwise at most so many are computed at a time. Default: 64.',
  window: "Rows of a table that make a window. Default: the model's own length.",
  horizon: "The target is the row of the table this many after a window's last. Default: 1.",
  stride: 'Rows of a table between the starts of two windows. Default: 1.',
  scale: 'How the columns of a table are scaled, fitted on the training part. Default: none.',
  criterion: 'What judges weights: those with the lowest scores go. Default: magnitude.',
  sparsity: 'Share of the prunable weights that is zero in the end, from 0 to 1.',
  k: 'For the criterion threshold: weights smaller than k times the mean magnitude go. Default: 0.5.',
  samples:
    'Samples of the training part that gradients and activations are taken from. Default: 256; 64 for fisher and input-importance.',
  granularity: 'What goes as one: single weights, or groups of them. Default: weight.',
  block: 'For the granularity block: rows × columns, such as 4x4. Default: 4x4.',
  pattern:
    'For the granularity n:m: how many weights of a row are kept of how many, such as 2:4. Default: 2:4.',
  bank: 'For the granularity bank: weights of a bank. Default: 32.',
  keepDiagonal: 'Keep the diagonals of recurrent matrices, through which each unit reads itself.',
  scope:
    'Over what weights compete. Default: layer; for columns and for the criterion threshold matrix. Banks and N:M patterns have a target in every row.',
  include:
    'What is prunable too, by names separated by commas in which * stands for anything, such as "embedding*,dense".',
  exclude:
    'What is not pruned, by names separated by commas in which * stands for anything, such as "lstm_1*".',
  gates: 'Sparsities of single gates. Each is reached in every layer that has the gate.',
  targets:
    'Sparsities by layer, layer/matrix or layer/matrix/gate, with * for anything, such as "lstm_*/recurrent". The last that fits counts, before those of gates.',
  maxParameters: 'Instead of a sparsity: nonzero weights of the whole model that may remain.',
  maxBytes:
    "Instead of a sparsity: bytes that the nonzero weights of the whole model take in the file's types.",
  maxMultiplyAdds:
    "Instead of a sparsity: multiply-adds with nonzero weights that one sample may take; where the model leaves its length free, of the data's steps, or 32 without data.",
  regrowZeros: 'Zeros in the file may become weights again. Otherwise they count as pruned and stay zero.',
  shrink: 'Pruned units leave the file: every layer that reads them becomes smaller too.',
  schedule: 'When weights go: at once before any training, or little by little during it. Default: oneshot.',
  initialSparsity:
    'Share that is gone at the first change of the masks. Default: what is zero in the file; with rigl the target.',
  begin: 'Training step at which masks change first, counted from 0 over all epochs. Default: 0.',
  end: 'Training step at which masks change last. Default: half of the steps after begin later, with rigl three quarters.',
  frequency:
    'Training steps from one change of the masks to the next. Default: a twentieth of those from begin to end, at most 100.',
  power: 'Exponent of the ramp. Default: 3.',
  rounds:
    'For the schedule iterative: rounds of pruning and training. Default: 5, or the epochs where they are fewer.',
  rewind: 'For the schedule iterative: what each round begins anew with. Default: none.',
  dropFraction: 'For the schedule rigl: share of the kept weights that is exchanged at first. Default: 0.3.',
  compress: 'Store the weights in gzip-compressed HDF5 chunks.',
  seed: 'Of whatever is drawn at random: the order of training samples, dropout, inputs that measure a divergence. Default: 1.',
  epochs:
    'Times that the training part is gone through after pruning, the masks held. Default: 0, no training.',
  optimizer: "The optimizer of fine-tuning. Default: the file's own, else adam.",
  learningRate: "At the first step. Default: the file's own where its optimizer is used, else 0.001.",
  momentum: "Of sgd and rmsprop. Default: the file's own where its optimizer is used, else 0.",
  decay: 'How the learning rate falls over all steps. Default: none.',
  clipNorm: 'Gradients with a larger norm are scaled down to it. Default: never.',
  patience:
    "Epochs without a lower validation loss, after which training stops and the best epoch's weights are taken. Default: all epochs, and the last one's weights.",
  l1: 'Factor of the sum of |w| over all kernels, which is added to the loss. Default: 0.',
  l2: 'Factor of the sum of w² over all kernels, which is added to the loss. Default: 0.',
  groupLasso:
    'Factor of the sum of √n · ‖w‖ over the groups of n weights that the granularity makes: whole groups go to zero while training. Default: 0.',
  recovery: 'What outputs are trained to be. Default: supervised.',
  match: "How outputs are compared with the original's. Default: kl behind a softmax or sigmoid, else mse.",
  temperature:
    'For the match kl: logits are divided by it before they are compared. Default: 2 for distillation, 1 for unsupervised.',
  mix: "For distillation: share of the loss against the original's outputs, from 0 to 1. Default: 0.5.",
  resume: 'Go on where the same job was broken off. Default: true.',
  control:
    'Beside the pruned model train a small dense one of as many parameters from scratch, with the same epochs and settings, and report its loss. Nothing of it is written.',
  engine: 'What computes. Default: auto, the faster of those that are installed.',
  threads: 'Threads of the engine. Default: one a core.',
} as const satisfies Record<keyof Recipe, string>;

export const criterionTexts = {
  magnitude: 'The smallest weights go; of a group its mean |w| counts.',
  threshold: 'Every weight smaller than k times the mean magnitude of its set goes.',
  l1: 'L1 norm of a group over its number of weights: the magnitude by another name.',
  l2: 'Root of the mean square of a group: its L2 norm, comparable among groups of unequal sizes.',
  gradient: 'Weights that the loss does not depend on go: the mean gradient, without its sign.',
  taylor: 'Weights without which the loss changes least go: |w · gradient|, to the first order.',
  fisher: "Optimal Brain Damage: half of w² times the mean square of single samples' gradients.",
  movement: 'Weights that training moves towards zero go.',
  wanda: 'The magnitude times the norm of what the weight is multiplied with.',
  activation: 'Units that put out little go: their mean |h|.',
  'activation-variance': 'Units that always put out the same go: the variance of h.',
  apoz: 'Units that are near zero in most steps go.',
  'input-importance': 'Inputs that the loss depends on least go: |x · gradient|.',
  random: 'Weights are drawn by chance: what any other criterion should better.',
} as const satisfies Record<CriterionName, string>;

export const granularityTexts = {
  weight: 'Every weight by itself.',
  block: "Blocks of rows and columns of a gate's matrix.",
  'n:m': 'N of every M weights in a row are kept, as sparse tensor cores compute it.',
  bank: 'Rows are cut into banks that all lose the same share.',
  row: "Rows of a gate's matrix: all that one unit's gate reads through it.",
  column: "Columns of a matrix over all its gates: one input, or one unit's way back into its layer.",
  unit: 'Hidden units with all that they own and all that reads them.',
  layer: 'Whole recurrent layers, which leave the file; only where what follows them notices no other shape.',
} as const satisfies Record<GranularityName, string>;

export const scopeTexts = {
  gate: 'Every gate of every layer loses the same share.',
  matrix: 'Input kernel and recurrent kernel lose the same share; their gates compete.',
  layer: 'Every layer loses the same share; its gates and both its matrices compete.',
  global: 'All recurrent layers compete; the smallest weights go wherever they are.',
} as const satisfies Record<ScopeName, string>;

export const scheduleTexts = {
  oneshot: 'Before any training.',
  constant: 'After some steps of training the dense model.',
  polynomial: 'Along a ramp that flattens towards its end, while the model is trained.',
  iterative: 'In rounds of pruning and training.',
  rigl: 'Dynamic sparse training: the smallest of the kept weights give way to pruned ones with large gradients.',
  epoch: 'As much more at the end of every epoch.',
} as const satisfies Record<ScheduleName, string>;

export const rewindTexts = {
  none: 'Everything goes on.',
  weights: "The kept weights have the file's values again, and the learning rate falls anew.",
  rate: 'The learning rate falls anew.',
} as const satisfies Record<RewindName, string>;

export const recoveryTexts = {
  supervised: 'As the targets of the data.',
  unsupervised: "As the original's outputs; the data needs no targets.",
  distillation: "As the targets, and as the original's outputs.",
} as const satisfies Record<RecoveryName, string>;

export const matchTexts = {
  kl: 'By the divergence of their probabilities.',
  mse: 'By their squared error, of logits where there are some.',
} as const satisfies Record<MatchName, string>;

/** What a recipe file's reader is told of keys that do not go together. */
export const ruleTexts = {
  onlyWith: 'Only with {key}: {values}.',
  notWith: 'Not with {key}: {values}.',
  needsEpochs: 'Without epochs nothing is trained, so this has no effect.',
  onlyOne: 'Give only one of {keys}.',
  onlyBeside: 'Only beside {key}.',
} as const;
