/** Said beside a result. */
export const notes = {
  noteTrainedAsFloats:
    'Weights are trained as if the integers of the file were floats; losses are those of the integers.',
  noteConvertedAsFloats:
    'What was written holds the floats that the integers of the file stand for, and was compared with the model as these compute it.',
  noteClipLeftOut:
    'Layer "{layer}": the cell state is clipped to ±{limit} in the original, as TensorFlow’s converter has it. {format} cannot say that, so it is left out: outputs may differ for sequences of more than {limit} steps, where the state would go beyond.',
  noteMaskedStepsCount:
    'Keras leaves masked steps out of the loss. ONNX says nothing of that: a loss of what was written counts every step.',
  noteNotCompared:
    'What was written was not compared with the original: it holds loops, or its shapes are so free that no inputs can be made.',
  noteOutputsNoNumbers:
    'The original puts out no number (NaN) for {count} of the {all} outputs that were computed to compare them; these say nothing of what was written.',
  noteRoundingGrows:
    'The model amplifies rounding: outputs differ from the original’s by up to {difference} of their standard deviation, and by {rounded} where only the original’s inputs are rounded.',
  noteUnitsFrozen: 'Hidden units of {layers} were not pruned: {reason}.',
  noteNothingPruned:
    'The target of {target} is below the present sparsity of {present} in {set}; nothing was changed there.',
  noteNothingPrunedAtAll:
    'The target of {target} is below the present sparsity of {present}; nothing was changed.',
  noteStepsCounted: 'Multiply-adds are counted for sequences of length {steps}; the model takes any length.',
  noteFileNotSmaller:
    'Zeros alone do not make the file smaller: {bytesBefore} → {bytes} bytes, and with gzip {gzipBefore} → {gzip}. Compression (--compress, or the setting lstmPruner.compress) makes the file itself smaller.',
  noteFileNeverSmaller:
    'Zeros alone do not make the file smaller: {bytesBefore} → {bytes} bytes, and with gzip {gzipBefore} → {gzip}. Its format stores no compressed weights; what sends or packs it may compress it.',
  noteNoSpeedUp: 'Unstructured sparsity below about 80 % brings no speed-up in stock runtimes.',
  noteEngineFallback:
    'The model is too large for the memory of the WebAssembly engine; {engine} computed it, more slowly.',
  noteEngineLeftOut: 'The {engine} engine could not be used here: {reason}.',
  noteEngineChosen:
    '{engine} computed the model, {milliseconds} ms for a batch; {other} needed {otherMilliseconds} ms.',
  noteLayersSlow: 'Computed step by step, and so more slowly: {layers} ({reason}).',
  noteComputedInHalves:
    'The file says that layers compute in {types}. Losses are those that Keras computes so with TensorFlow on a processor; fine-tuning computes in float32.',
  noteComputedAround:
    'The file says that layers compute in {types}. Losses are those that ONNX Runtime computes on a processor: in float32, with inputs, outputs and what moves between operators rounded. Fine-tuning computes in float32.',
  noteRoundedLess:
    'Inside {layers}, not every operation is rounded as Keras rounds it, so that losses may differ from its own.',
  noteConvertedFromHalves:
    'The original computes layers in {types}. What was written computes them in float32, and was compared with the original computed so.',
  noteComputedInFloat32:
    'The file says that layers compute in {types}. Here they are computed in float32, so that losses differ by what is rounded there.',
  notePenalties:
    'A loss against targets includes what regularizers add ({layers}), as evaluate() of Keras does, and fine-tuning by it lowers that, too.',
  notePenaltiesOfTraining:
    'Fine-tuning against targets also lowers what regularizers add ({layers}). Losses are told without it, as by evaluate() of TensorFlow.js.',
  notePenaltiesNotConverted:
    'Regularizers of {layers} are not converted: the loss of what was written is that of the data alone.',
  noteRegularizers:
    'Regularizers of {layers} add something to the loss in Keras that is not known here; it is left out, and fine-tuning takes the penalties that you name (--l1, --l2).',
  noteEndLeftOut:
    'The model ends in {operator}, which picks among values ({output}). Here it ends before that: those values are what losses are taken of, and what a converted model puts out.',
  noteGraphAssumed:
    '{model} does not say how its layers are connected. Taken for granted: {layers}, data with the samples first, and no dropout or other layer that is not listed. Where that is wrong, list the layers so in {file}.',
  noteActivationGuessed:
    'That {activation} stands before {before} is a guess, since a function that code calls is not in the file. Where the code has another one, none, or has it before the norm, list the layers so in {file}.',
  noteLastOfBoth:
    'At the last step, the direction of {module} that goes backwards has read that step alone. Where the code joins the final states of both directions, as torch.cat((h[-2], h[-1]), 1) does, it is "final" in place of "last" in {file}.',
  noteEveryStep:
    'Every step counts. Where the code leaves out padding (pack_padded_sequence), say so in {file}: {layer}, and "final" where "last" stands.',
  notePaddingCounts:
    'Every step counts, those of token {padding}, the padding_idx of {module}, too. Where the code leaves them out (pack_padded_sequence), say so in {file}: {layer}, and "final" where "last" stands.',
  noteStepsFirst:
    'The code of {model} takes data with the steps before the samples. Here data has the samples first.',
  noteFeaturesFirst:
    'The code of {model} takes data with the features before the steps. Here data has the steps first.',
  noteOutputAxes:
    'The code of {model} puts out {axes} (B samples, T steps, C values). Here it is {own}: y in the data must be so, class numbers without C, and a converted model puts out the same.',
  noteTensorsAside: 'Tensors that are no parameters were left aside: {tensors}.',
  noteLastAssumed:
    'That {model} puts out its last step alone ("last") was taken for granted; where it puts out every step, list its layers without that in {file}: {layers}.',
  noteStatesReset:
    'Layers keep their states from one batch to the next: {layers}. Here every batch begins with states of zero, as after reset_states().',
  noteDescribed: '{output} does not show how its layers follow each other; {file} was written to say it.',
  noteNotDescribed:
    '{output} does not show how its layers follow each other, and {file} could not be written to say it: {reason}',
  noteNotEvaluated: 'The loss was not measured: {reason}',
  noteTailSplit:
    '{file} has no test or validation part; the last 20 % of its samples ({samples}) are reported.',
  noteLossScaled:
    'The file was trained with a loss that is scaled ({setting}). Here it is the mean over samples, and learning rates act on that.',
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
  noteRecipeKeysFell: 'Left out of the recipe file, because it does not go with the flags: {keys}.',
  noteNoLayerRemoved:
    'No layer was removed: {share} of {count}, the number of layers that can go, rounds to none. Ask for more than {least}, or name a layer (--targets).',
  noteShrunk: 'Hidden units were removed: {layers}.',
  noteSizesInCode: 'The code that builds the model must have the new sizes, too: {sizes}.',
  noteSizesInModules:
    'The sizes that the modules in the file state changed with them; code that has one as a number must have the new one: {sizes}.',
  noteAttributesLeft:
    'These attributes have the number of a size that changed, and were left as they are, since nothing says that they mean it: {attributes}.',
  noteNothingShrunk: 'No hidden unit could be removed without a change of the outputs.',
  noteUnitsHeld:
    'Hidden units of {layers} that are not needed stay: the model has one number of units for them and for {others}, which need all of theirs.',
  noteOptimizerLeftOut:
    'The optimizer state in the file was left out; it belongs to the unpruned weights and would not fit the shrunk ones.',
  noteStoredAsFloat:
    'Stored as float32 from now on, because none of the integers that stood for these weights stands for 0: {parameters}.',
  noteOptimizerNotConverted: 'The optimizer state in the file stays there; it is not converted.',
  noteOptimizerShrunk:
    'The optimizer state in the file lost the same units as its weights; it belongs to the unpruned weights.',
  noteOptimizerMasked:
    'The optimizer state in the file is kept, with 0 for what was pruned; all else of it belongs to the unpruned weights.',
  noteOtherWeights: 'The file holds other weights than those of the model, which stay as they were: {names}.',
  noteWeightsGiven:
    'Layer "{layer}" is left as it is: its weights {weights} are an input of the model, not kept in the file.',
  noteWeightsComputed:
    'Layer "{layer}" is left as it is: its weights {weights} are put together by {operator} when the model runs, not kept in the file.',
  noteRunners:
    'The file names functions that run code or reach files or the network when it is loaded as a whole: {functions}. Here it is read as data and none of them was run, but a pruned file keeps them: load it with weights_only=True unless you trust where it comes from.',
  noteOptimizerState:
    'The optimizer state in the file is kept as it was; it belongs to the unpruned weights.',
} as const;
