/** What cannot be pruned, trained, searched or written as it was asked for, and how jobs end. */
export const jobMessages = {
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
  layerFixed:
    '{layers} cannot be removed, because {reason}. Name another layer, or prune another granularity.',
  layersExcluded:
    'Something of {layers} is excluded, so no layer can be removed whole. Exclude whole layers, or prune another granularity.',
  layersUnknown:
    'Prune another granularity. No layer can be removed, because what reads it is not known: {reason}',
  layersAllGone: 'Without {layers} the model would have no recurrent layer. Keep one of them.',
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
  outputNoFolder:
    'The model consists of several files, which are written into a folder. Name one, such as {example}, instead of {file}.',
  outputOtherFolder: '{file} is not replaced, since it holds no {name}. Choose another folder.',
  conversionUnknown:
    '{file} is no name of a format that models are converted to. Let it end in one of: {endings}.',
  conversionImpossible:
    'Layer "{layer}" cannot be converted: {format} has no layer for it ({what}). Convert the model to ONNX instead.',
  conversionBeyond: 'Layer "{layer}" cannot be converted: {format} has no layer for it ({what}).',
  conversionDiffers:
    '{file} was not written: its outputs would differ from the original’s by up to {difference} of their standard deviation. Please report this model.',
  conversionNotEvaluable:
    '{file} was not written: what was converted cannot be evaluated, and so not compared with the original. Please report this model. {reason}',
  outputInOriginal:
    '{file} would lie in {folder}, which is a part of the original. Choose a place outside of that folder.',
  outputFormat: 'The output {file} must end in {extension}, like the original.',
  cannotWrite: '{file} cannot be written: {reason}. Choose another place.',
  diskFull:
    '{file} cannot be written: there is no space left on the disk. Make room, or choose another place.',
  readOnly: '{file} cannot be written: the folder {folder} is read-only. Choose another place.',
  reportNotWritten: 'The model was written to {output}, but the report was not: {reason}',
  recipeNotWritten: 'The model was written to {output}, but the recipe was not: {reason}',
  compressUnsupported: '{file} cannot be compressed: {reason}. Prune it without compression.',
  shrinkUnsupported:
    '{file} cannot be written smaller: {reason}. Prune it without shrinking, or at another granularity.',
  tfliteNewer:
    '{file} cannot be written: tensors that share a buffer would get different weights, and the file has parts that are newer than TensorFlow 2.21, which cannot be moved. Convert the model anew with TensorFlow 2.21.',
  verificationFailed:
    '{file}: after writing, {parameter} does not match what was to be written. The output was removed; please report this.',
  recipeInvalid: '{file} is not a recipe: {reason}.',
  alreadyRunning: '{file} is being pruned already. Wait until that is done, or cancel it.',
  cancelled: 'Cancelled. Nothing was written.',
  cancelledCommand: 'Cancelled. Nothing was written; the same command goes on after epoch {epoch}.',
  cancelledSearch: 'Cancelled. Nothing was written; the same command goes on after trial {count}.',
  cancelledPrune:
    'Cancelled. Nothing was written; Prune LSTM with the same choices goes on with the fine-tuning.',
  finishing:
    'Fine-tuning ends; the best weights so far are written. Press Ctrl+C again to discard everything.',
  finishingSearch:
    'The search ends; the best trial so far is written. Press Ctrl+C again to discard everything.',
  backgroundDied:
    'The background process ended unexpectedly ({reason}). It starts again with the next command; nothing was written.',
  internal: 'Something went wrong inside LSTM Pruner: {reason}',
} as const;
