/**
 * Every sentence that the jobs can say to a user, by code. Jobs throw or note a code with arguments; whoever
 * shows it words it: the host through `vscode.l10n.t`, the command line and the reports through `@vscode/l10n`.
 * The English sentence is the key of the translation in l10n/.
 */
export const messages = {
  // Files
  fileNotFound: '{file} does not exist.',
  notOnDisk: '{file} is not shown from a file on this disk. Open the file itself to work on it.',
  fileUnreadable: '{file} cannot be read: {reason}.',
  formatUnknown:
    '{file} is not a model file that LSTM Pruner can open. It opens Keras models: .h5, .hdf5 and .keras.',
  fileDamaged: '{file} is damaged or incomplete: {reason}. Save or download the model again.',
  notAModel:
    '{file} holds no Keras model: {reason}. Save the whole model with model.save(), not only its weights.',
  noRecurrentLayers:
    '{file} has no LSTM, GRU or simple RNN layer, so there is nothing to prune. Its layers are: {layers}.',
  noWeightsForLayer:
    '{file}: layer "{layer}" has no weights in the file. Save the model again after building it.',
  weightShape: '{file}: {parameter} should have the shape {expected}, but has {found}.',
  dtypeUnsupported:
    '{file}: {parameter} is stored as {dtype}, which cannot be read. Save the model as float32.',
  nonFiniteWeights:
    '{file}: {parameter} holds NaN or infinite values; the model cannot be pruned. Train it again from a good checkpoint.',
  trainedNotFinite:
    '{file}: training took {parameter} to values that {dtype} cannot hold. Train with a smaller learning rate, or with the gradients clipped.',
  tooLarge: '{file}: {what} needs {needed} bytes, more than the limit of {limit}.',

  // Graph
  layerUnsupported:
    'Layer "{layer}" is a {type}, which cannot be evaluated yet. The model can still be inspected and pruned without data.',
  layerOptionUnsupported:
    'Layer "{layer}" ({type}) uses {option}, which cannot be evaluated yet. The model can still be inspected and pruned without data.',
  outputsUnsupported:
    'The model has {count} outputs; only models with one output can be evaluated yet. It can still be inspected and pruned without data.',
  graphUnsupported:
    'The model cannot be evaluated: {reason}. It can still be inspected and pruned without data.',

  // Data
  dataFormatUnknown:
    '{file} is not a data file that LSTM Pruner can open. It opens .npz, .npy, .csv and .tsv.',
  dataDamaged: '{file} is damaged or incomplete: {reason}.',
  arrayMissing: '{file}: there is no array {array}. It holds: {found}.',
  arraysAmbiguous: '{file}: name the input and target arrays (--x and --y). It holds: {found}.',
  arrayShape: '{file}: array {array} should have the shape {expected}, but has {found}.',
  arrayDtype: '{file}: array {array} has the type {dtype}; expected numbers.',
  arrayNonFinite: '{file}: array {array} holds {value} at index {index}; remove or fill such values first.',
  arrayRange:
    '{file}: array {array} holds {value} at index {index}; expected whole numbers from {low} to {high}.',
  samplesDiffer: '{file}: array {x} has {xCount} samples, but {y} has {yCount}.',
  tooFewRows:
    '{file}: {found} rows are too few; a window of {window} with horizon {horizon} needs at least {expected}.',
  tooFewSamples: '{file}: {found} samples are too few; expected at least {expected}.',
  columnMissing: '{file}: there is no column {column}. It has: {found}.',
  columnsAmbiguous: '{file}: name the input and target columns (--x and --y). It has: {found}.',
  columnCount: '{file}: the model takes {expected} input columns, but {found} are named: {names}.',
  tokenOutside:
    'Layer "{layer}" was given the token id {value}; its ids are 0 to {high}. Correct the ids in the data.',
  csvSeveralInputs:
    '{file}: the model has {count} inputs, and a .csv can feed only one. Put the data in an .npz.',
  inputCount: 'The model has {expected} inputs ({names}), but {found} arrays are named for them.',
  csvValue: '{file}: row {row}, column {column} holds "{value}"; expected a number.',
  windowNeeded:
    '{file}: the model takes sequences of any length; give the number of rows in a window (--window).',
  splitMissing: '{file}: there is no {split} split. It has: {found}.',
  dataNeeded:
    'Give the data to evaluate on: an .npz or .csv (--data), or the inputs and targets as .npy (--x and --y).',
  lossAmbiguous:
    '{file}: the model has one linear output and every target is 0 or 1. Say which loss (--loss) is meant: binary_crossentropy or mean_squared_error.',
  lossUnknown: 'The loss "{loss}" is not known. Use one of: {known}.',
  lossMismatch: 'The loss {loss} does not fit: {reason}.',
  lossAmbiguousOneHot:
    '{file}: the model has linear outputs and every target row is one 1 among zeros. Say which loss (--loss) is meant: categorical_crossentropy or mean_squared_error.',
  lossNotFinite:
    'The {loss} is {value}: the model puts out values on this data that are too large or not numbers.',
  nothingMeasured: 'There is nothing to measure: the data has no samples, or every step of them is masked.',

  // Engine
  engineMemory:
    'The model and its batch need more memory than the {limit} that the WebAssembly engine has. Use a smaller batch, or the TensorFlow engine.',
  batchMemory:
    'A batch of {batch} samples needs more memory than the {limit} that the WebAssembly engine has. Use a batch of {fits} (--batch {fits}), or the TensorFlow engine.',
  engineThread:
    'A thread of the WebAssembly engine failed: {reason}. Try again, with one thread if it happens again.',

  // Pruning
  invalidValue: '{option} is {value}; expected {expected}.',
  optionsClash: '{option} cannot be used with {other}.',
  optionSearched:
    '{option} is what a search finds by itself: how much goes. Say how much higher the loss may be (--max-loss-increase).',
  optionNotSearched:
    '{option} has no use in a search, which compares its trials with each other. Say how much higher the loss may be (--max-loss-increase).',
  optionAlone: '{option} has no effect without {other}. Give {other} too, or leave {option} out.',
  initialSparsityAbove:
    'The initial sparsity {initial} is above the target of {target}. Give a lower one (--initial-sparsity), or leave it out.',
  optionMissing: 'Give {option}.',
  optionNeedsData:
    '{option} has no effect without data. Give the data too (--data, or --x and --y), or leave {option} out.',
  optionNeedsEpochs:
    '{option} has no effect without fine-tuning. Give the epochs too (--epochs), or leave {option} out.',
  gateUnknown: 'No layer has a gate "{gate}". The gates are: {gates}.',
  nameUnknown: 'No weights are named "{name}". The names are: {names}.',
  nothingToPrune: 'Everything is excluded by "{exclude}", so there is nothing to prune.',
  unitsFrozen: 'No hidden unit of {layers} can be pruned: {reason}. Prune another granularity.',
  unitsExcluded:
    'Something of {layers} is excluded, so no hidden unit can be pruned whole. Exclude whole layers, or prune another granularity.',
  layersFixed:
    'No recurrent layer can be removed; {layers} cannot, because {reason}. Prune another granularity.',
  layersExcluded:
    'Something of {layers} is excluded, so no layer can be removed whole. Exclude whole layers, or prune another granularity.',
  layersUnknown: 'No layer can be removed, because what reads it is not known: {reason}',
  layersAllGone: 'Without {layers} the model would have no recurrent layer. Leave one of them out.',
  targetCuts:
    'The target of {name} reaches only a part of {whole}, of which granularity {granularity} prunes all or nothing. Name all of {whole}.',
  combinationUnknown: '{option} {value} cannot be used with {other} {of}. Use one of: {known}.',
  budgetOutOfReach:
    '{option} {most} cannot be reached: {least} remain where everything that is pruned is gone. Allow that many, or include more weights (--include).',
  multiplyAddsUnknown:
    'The multiply-adds of this model cannot be counted; give a budget of parameters or bytes instead. {reason}',
  criterionNeedsData:
    'The criterion {criterion} judges weights by data. Give the data too (--data, or --x and --y), or choose another criterion.',
  criterionNeedsGraph:
    'The criterion {criterion} judges weights by what the model computes on data, which it cannot: {reason}',
  criterionNeedsTraining:
    'The criterion {criterion} judges weights by how training moves them, and nothing is trained here. Choose another criterion.',
  criterionNeedsTargets:
    'The criterion {criterion} judges weights by gradients of the loss, and the training part has no targets. Give the targets too, or choose another criterion.',
  targetsNeeded:
    '{file}: trials are compared by their loss, and there are no targets to measure it by. Give the targets too.',
  budgetNotReached:
    'No trial is within the loss budget: the nearest of {count}, trial {trial} with {sparsity} sparsity, has a validation loss of {loss} where {limit} is allowed. Nothing was written; the trials are kept. Allow {remedy}.',
  matchLinear:
    'The match kl compares probabilities, but the outputs of {file} are linear. Choose the match mse, or leave it out.',
  notTrainable: '{file} cannot be fine-tuned: {reason}. Prune it without epochs.',
  trainingDiverged:
    'Fine-tuning stopped in epoch {epoch}: the loss became {loss}, after {first} at first. Nothing was written. Try {remedy}.',
  outputIsOriginal: '{file} is the original; it is never overwritten. Choose another output file.',
  outputExists: '{file} exists already. Use --force to replace it, or choose another output file.',
  outputFormat: 'The output {file} must end in {extension}, like the original.',
  cannotWrite: '{file} cannot be written: {reason}. Choose another place.',
  diskFull:
    '{file} cannot be written: there is no space left on the disk. Make room, or choose another place.',
  readOnly: '{file} cannot be written: the folder {folder} is read-only. Choose another place.',
  reportNotWritten: 'The model was written to {output}, but the report was not: {reason}',
  recipeNotWritten: 'The model was written to {output}, but the recipe was not: {reason}',
  compressUnsupported: '{file} cannot be compressed: {reason}. Prune it without compression.',
  shrinkUnsupported: '{file} cannot be shrunk: {reason}. Prune it without shrinking.',
  verificationFailed:
    '{file}: after writing, {parameter} does not match what was to be written. The output was removed; please report this.',
  recipeInvalid: '{file} is not a recipe: {reason}.',
  alreadyRunning: '{file} is being pruned already. Wait until that is done, or cancel it.',
  cancelled: 'Cancelled. Nothing was written.',
  cancelledCommand: 'Cancelled. Nothing was written; the same command goes on after epoch {epoch}.',
  cancelledSearch:
    'Cancelled. Nothing was written; the same command goes on behind the {count} trials that are done.',
  cancelledPrune:
    'Cancelled. Nothing was written; Prune LSTM with the same choices goes on with the fine-tuning.',
  finishing:
    'Fine-tuning ends; the best weights so far are written. Press Ctrl+C again to discard everything.',
  finishingSearch:
    'The search ends; the best trial so far is written. Press Ctrl+C again to discard everything.',
  backgroundDied:
    'The background process ended unexpectedly ({reason}). It starts again with the next command; nothing was written.',
  internal: 'Something went wrong inside LSTM Pruner: {reason}',

  // Installing the TensorFlow engine
  npmMissing:
    'There is no npm on the path, and the TensorFlow engine is installed with it. Install Node.js from nodejs.org and start VS Code again, or name the folder of an installed @tensorflow/tfjs-node in the setting lstmPruner.tensorflow.path.',
  npmOffline:
    "The npm registry does not answer ({reason}). Check the connection or npm's proxy settings, and install the engine again.",
  npmFailed: 'npm could not install the TensorFlow engine: {reason}. The log holds all that npm said.',
  tensorflowIncomplete:
    'npm installed @tensorflow/tfjs-node without its binding, which its install script should have brought: there may be none for this machine. The log holds all that npm said.',
  tensorflowPath:
    'The setting lstmPruner.tensorflow.path names {path}, where there is no {package} with its binding. Correct the setting, or empty it.',
  tensorflowMissing:
    'The TensorFlow engine is not installed. Install it with the command "Install TensorFlow Engine", or name its folder: in the setting lstmPruner.tensorflow.path, or for the command line in LSTM_PRUNER_TENSORFLOW.',
  tensorflowNotLoaded:
    'The TensorFlow engine in {folder} does not load: {reason}. Install it again, or use the engine wasm.',

  // Reasons, worded into the braces of another sentence
  reasonNoHdf5: 'it does not begin like an HDF5 file',
  reasonHeap: 'the texts of its attributes cannot be read',
  reasonContent: 'its parts do not fit together',
  reasonNoZip: 'it does not begin like a zip archive',
  reasonTruncated: 'it ends before it should',
  reasonNoDataset: 'there is no array "{path}"',
  reasonTypeKept: 'the type {type} of {path} cannot be written',
  typeLink: 'link',
  reasonLayersTangled: 'its configuration has no way to leave out {layers}',
  reasonTfjsVersion: 'it goes with TensorFlow.js {found}, and this needs {wanted}',
  reasonNoFolder: 'there is no folder {folder}',
  reasonIsFolder: 'it is a folder',
  reasonNoEntry: 'there is no "{entry}" in the archive',
  reasonEntryChecksum: '"{entry}" in the archive does not match its checksum',
  reasonNoConfig: 'there is no model configuration',
  reasonBadConfig: 'its model configuration cannot be read ({detail})',
  reasonNoWeights: 'there are no weights',
  reasonMisfit: 'layer "{layer}" expects {expected}, but gets {found}',
  reasonNoInputShape: 'the file does not say the shape of its input',
  reasonNoLayer: 'its configuration uses a layer "{layer}" that it does not describe',
  reasonEmpty: 'it is empty',
  reasonNoArrays: 'it holds no arrays',
  reasonNoNpy: 'array {array} does not begin like a NumPy array',
  reasonNpyHeader: 'the header of array {array} cannot be read',
  reasonArrayBytes: 'array {array} should take {expected} bytes, but has {found}',
  reasonArrayContent: 'array {array} cannot be read ({detail})',
  reasonChecksum: 'array {array} does not match its checksum',
  reasonNoText: 'it is not text',
  reasonCsvRow: 'row {row} cannot be read ({detail})',
  reasonTargetsShape: 'the targets have the shape {targets}, the outputs {outputs}',
  reasonTargetRange: 'a target is {value}; expected {low} to {high}',
  reasonClassRange: 'a target is {value}; expected a whole class index from 0 to {high}',

  reasonNoRole: 'layer "{layer}" has no {role} in the file',
  reasonNoLayerWeights: 'layer "{layer}" has no weights in the file',
  reasonNoInputs: 'layer "{layer}" has no input',
  detailMissing: '{key} is missing or of the wrong type',
  reasonKey: 'it has an unknown key "{key}"; the keys are {keys}',
  reasonAllFrozen: 'the file marks every layer as not trainable',
  reasonDamaged: 'it is damaged or incomplete',
  reasonMemory: 'its {limit} of memory is not enough',
  reasonNoKernel: 'the kernels of the WebAssembly engine do not have the activation {activation}',
  reasonOnlyPlainLstm:
    'TensorFlow computes a whole LSTM layer only with sigmoid gates and tanh, without a mask or recurrent dropout',
  reasonOtherEngine: 'it is of another engine or model',
  reasonOtherBytes: 'what is on the disk is not what was written',
  reasonNoObject: 'it is no JSON object',

  // Why hidden units cannot be removed, worded into the braces of another sentence
  reasonUnitsOutput: 'they are an output of the model',
  reasonUnitsNeeded: 'what layer "{layer}" ({operator}) computes depends on all of them',
  reasonUnitsMet: 'in layer "{layer}" ({operator}) they meet values that cannot be removed',
  reasonUnitsShared: 'the weights of layer "{layer}" are used in more than one way',
  reasonUnitsLeftOut: 'the model holds {parameter}, which its output does not depend on',
  reasonLayerShared: 'it is used more than once',
  reasonLayerState: 'its state is given or read',
  reasonLayerOutput: 'its output is an output of the model',
  reasonLayerLastStep: 'only its last step goes on',
  reasonLayerWidth: 'it puts out {outputs} features a step from {inputs}',
  reasonLayerTurns: 'it turns the steps round',
  reasonLayerFeeds: 'nothing else reads {layers}',
  reasonUnitsNoGraph: 'what reads them is not known: {reason}',

  // Why there is no model to compare with, worded into the braces of another sentence
  reasonControlFrozen: 'no hidden unit of {layers} can be left out, as {reason}',
  reasonControlDiverged: 'its loss became {loss} in epoch {epoch}, after {first} at first',

  // What to try, worded into the braces of another sentence
  remedyIncrease: 'a larger increase (--max-loss-increase) or more epochs (--epochs)',
  remedyTrials: 'a larger increase (--max-loss-increase), more epochs (--epochs) or more trials (--trials)',
  remedyTime: 'a larger increase (--max-loss-increase) or more time (--time-budget)',
  remedyGoOn: 'a larger increase (--max-loss-increase), or the search to go on',
  remedyRate:
    'a learning rate of {rate} (--learning-rate); in the editor it is set where the epochs are chosen',
  remedyRateOrClip:
    'a learning rate of {rate} (--learning-rate), or gradients clipped to a norm of 1 (--clip-norm); in the editor both are set where the epochs are chosen',

  // What a layer uses, worded into the braces of another sentence
  optionActivation: 'the activation {name}',
  optionInitialState: 'an initial state',
  optionInnerLayer: 'a {type} layer inside',
  optionMaskedAlong: 'masked inputs along axis {axis}',

  // What a value should have been, worded into the braces of another sentence
  expectedAxes: '{ranks} axes',
  expectedAxis: 'an axis {axis} behind the first',
  expectedLastAxis: 'a last axis of {width}',
  expectedAlong: '{count} values along axis {axis}',
  expectedAlike: 'the shape of the first input but for the axis that is joined',
  expectedMultiple: 'a multiple of {count} values a sample',
  expectedShape: 'the shape {shape}',
  expectedInputs: '{count} inputs',
  expectedWeights: 'weights of the shape {shape}',
  expectedNumberFrom: 'a number from {low}',
  expectedNumberAbove: 'a number above {low}',
  expectedNumberBelow: 'a number from {low}, below {high}',
  expectedShare: 'a number from 0 to 1',
  expectedWhole: 'a whole number from {low}',
  expectedWholeBetween: 'a whole number from {low} to {high}',
  expectedText: 'text',
  expectedSwitch: 'true or false',
  expectedGates: 'targets of gates, such as i=0.9,f=0.9',
  expectedTargets: 'targets by name, such as lstm_1=0.9,lstm_2/recurrent=0.8',
  expectedLevels: 'sparsities above 0, up to 1, such as 0.5,0.9',
  expectedIncrease: 'a share of the loss such as 2%, or a difference such as 0.02',
  expectedDuration: 'a time such as 90s, 30m or 1h30m',
  expectedBlock: 'rows and columns of a block, such as 4x4',
  expectedPattern: 'how many weights are kept of how many, such as 2:4',

  // Notes: said beside a result
  noteUnitsFrozen: 'Hidden units of {layers} were not pruned: {reason}.',
  noteNothingPruned:
    'The target of {target} is below the present sparsity of {present} in {set}; nothing was changed there.',
  noteNothingPrunedAtAll:
    'The target of {target} is below the present sparsity of {present}; nothing was changed.',
  noteStepsCounted: 'Multiply-adds are counted for samples of {steps} steps; the model takes any number.',
  noteFileNotSmaller:
    'Zeros alone do not make the file smaller: it is {bytes} bytes as before, and {gzip} bytes with gzip instead of {gzipBefore}. Compression (--compress, or the setting lstmPruner.compress) makes the file itself smaller.',
  noteNoSpeedUp: 'Unstructured sparsity below about 80 % brings no speed-up in stock runtimes.',
  noteEngineFallback:
    'The model is too large for the memory of the WebAssembly engine; {engine} computed it, more slowly.',
  noteEngineLeftOut: 'The {engine} engine could not be used here: {reason}.',
  noteEngineChosen:
    '{engine} computed the model, {milliseconds} ms for a batch; {other} needed {otherMilliseconds} ms.',
  noteLayersSlow: 'Computed step by step, and so more slowly: {layers} ({reason}).',
  noteNotEvaluated: 'The loss was not measured: {reason}',
  noteTailSplit: '{file} has no test or validation part; the last {samples} samples (20 %) are reported.',
  noteLossUnknown:
    'The file was trained with the loss "{loss}", which is not known here; {used} is reported instead.',
  noteValidationReported:
    'There is no other part for validation, so epochs were compared on the reported one; the loss after fine-tuning is lower there than it would be on new data.',
  noteReportedTrained:
    'Fine-tuning saw samples of the reported part; the loss after it is lower there than it would be on new data.',
  noteOptimizerUnknown:
    'The file was trained with the optimizer "{optimizer}", which is not known here; {used} was used instead.',
  noteWorseThanPruned:
    'Fine-tuning made the model worse: the loss is {after}, and was {pruned} before any training. Try {remedy}.',
  noteFurtherThanPruned:
    "Fine-tuning took the outputs further from the original's: the divergence is {after}, and was {pruned} before any training. Try {remedy}.",
  noteResumed: 'Fine-tuning went on after epoch {epoch}, where it had been broken off.',
  noteScheduleCutShort: 'Fine-tuning was ended before all was pruned; the rest went at once.',
  noteCheckpointUnusable:
    'Fine-tuning started from the first epoch, because the checkpoint of an earlier run could not be used: {reason}.',
  noteNoCheckpoint:
    'No checkpoint could be saved, so fine-tuning would have had to start over after an interruption: {reason}.',
  noteEvidenceReported:
    'The weights were judged by samples of the reported part; the loss of the pruned model is lower there than it would be on new data.',
  noteDefaultEpochs: 'Each trial was fine-tuned for {epochs} epochs, the default of a search (--epochs).',
  noteSearchReported:
    'Trials were chosen by samples that are also reported; the loss of the chosen one is lower there than it would be on new data.',
  noteReportedBeyond:
    'On the reported part the chosen trial is beyond the budget: its loss is {loss}, and the same increase would allow {limit}. The search went by the validation part alone.',
  noteScaled: 'Losses are in scaled units ({scale}, fitted on the training part).',
  noteNotWhileTraining:
    'Layer "{layer}" ({type}) acts only while training; fine-tuning here runs without it.',
  noteNoControl: 'There is no small dense model to compare with: {reason}.',
  noteControlStopped: 'There is no small dense model to compare with, because training was ended by hand.',
  noteControlLarger:
    'The small dense model has {parameters} parameters, more than the {nonzero} nonzero weights of the pruned one: with one unit in each layer that can lose some it is as small as it gets.',
  noteControlKept:
    'The small dense model has the weights of the file, too, where these are not trained: in {parameters}.',
  noteLayerFixed: 'Layer {layers} stays: {reason}.',
  noteLayersRemoved: 'Layers were removed: {layers}.',
  noteNoLayerRemoved:
    'No layer was removed: a share of {share} is less than half of one of the {count} layers that can go.',
  noteShrunk: 'Hidden units were removed: {layers}.',
  noteNothingShrunk: 'No hidden unit could be removed without a change of the outputs.',
  noteOptimizerLeftOut:
    'The optimizer state in the file was left out; it belongs to the unpruned weights and would not fit the shrunk ones.',
  noteOptimizerState:
    'The optimizer state in the file is kept as it was; it belongs to the unpruned weights.',
} as const;

export type MessageCode = keyof typeof messages;

/** What belongs into a brace of a sentence: text that no language changes, a list of such, a number, or a further message. */
export type MessageArgument = string | readonly string[] | number | Message;

/** A sentence by code, with what belongs in its braces. `cause` may hold a further message to be worded for `{reason}`. */
export interface Message {
  code: MessageCode;
  args: Record<string, MessageArgument>;
  cause?: Message;
}
