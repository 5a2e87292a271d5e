/** What is wrong with a model file, or cannot be computed of it. */
export const fileMessages = {
  // Files
  fileNotFound: '{file} does not exist.',
  notOnDisk: '{file} is not shown from a file on this disk. Open the file itself to work on it.',
  fileUnreadable: '{file} cannot be read: {reason}.',
  formatUnknown:
    '{file} is not a model that LSTM Pruner can open. It opens Keras (.keras, .h5, .hdf5, .weights.json), PyTorch (.pt, .pth, .pth.tar, .th, .bin, .ckpt), safetensors, ONNX, TensorFlow.js (model.json), TensorFlow Lite (.tflite) and SavedModel (saved_model.pb).',
  partOfModel: '{file} is one of the {count} files of a model. Open {index} beside it, which lists them all.',
  partAlone:
    '{file} is one of the {count} files of a model. Put the others and {index}, which lists them all, beside it, and open that.',
  contentForeign: '{file} is not a model that LSTM Pruner can open: it holds {content}.',
  contentUnexpected: '{file} is not {expected}: it holds {content}.',
  fileDamaged: '{file} is damaged or incomplete: {reason}. Save or download the model again.',
  externalLink:
    '{file} keeps weights in "{name}", a link out of its folder, which neither LSTM Pruner nor ONNX Runtime follows. Put the file itself there.',
  notAModel: '{file} holds no Keras model: {reason}. Save the model again with model.save().',
  notATorchModel:
    '{file} holds no PyTorch weights: {reason}. Save the model or its state_dict() with torch.save().',
  tensorsOverlap:
    '{file}: {parameter} shares a part of its values with another tensor, so it cannot be pruned alone. Clone the tensors before saving.',
  noRecurrentLayers:
    '{file} has no LSTM, GRU or simple RNN layer, so there is nothing to prune. Its layers are: {layers}.',
  layersInLoops:
    '{file} has no operator of an LSTM, GRU or simple RNN, but loops ({loop}): recurrent layers that were converted to loops of single operations are not read. Prune the model that it was converted from (.keras, .h5 or a SavedModel), and convert the pruned one.',
  noNamedLayers:
    '{file} names no layers, so no LSTM, GRU or simple RNN layer can be found in it. It holds these tensors: {tensors}. Save the state_dict() of the whole model.',
  noWeightsForLayer:
    '{file}: layer "{layer}" has no weights in the file. Save the model again after building it.',
  weightsGiven:
    '{file}: the weights {weights} of layer "{layer}" are an input of the model, not kept in the file, so there is nothing to prune. Export the model with its weights.',
  weightsComputed:
    '{file}: the weights {weights} of layer "{layer}" are put together by {operator} when the model runs, not kept as they are, so they cannot be pruned. Export the model with its constants folded.',
  weightShape: '{file}: {parameter} should have the shape {expected}, but has {found}.',
  weightParametrised:
    '{file}: a recurrent weight is computed from "{parameter}" whenever the model runs, so it cannot be pruned. Make it an ordinary weight before saving (torch.nn.utils.prune.remove, remove_weight_norm, parametrize.remove_parametrizations).',
  dtypeUnsupported:
    '{file}: {parameter} is stored as {dtype}, which cannot be read. Save the model as float32.',
  nonFiniteWeights:
    '{file}: {parameter} holds NaN or infinite values; the model cannot be pruned. Train it again from a good checkpoint.',
  trainedNotFinite:
    '{file}: training took {parameter} to values that {dtype} cannot hold. Train with a smaller learning rate, or with the gradients clipped.',
  tooLarge: '{file}: {what} needs {needed} bytes, more than the limit of {limit}.',
  variableSliced:
    '{file} keeps the variable {variable} in slices, which are not read. Save the model again without them (experimental_sharding_callback, partitioned variables).',
  fileTooLarge: '{file} has {needed} bytes, more than the limit of {limit}.',
  descriptionInvalid: '{file} does not describe the model: {reason}.',

  // Graph
  layerUnsupported:
    'Layer "{layer}" is a {type}, which cannot be evaluated yet. The model can still be inspected and pruned without data.',
  layerOptionUnsupported:
    'Layer "{layer}" ({type}) uses {setting}, which cannot be evaluated yet. The model can still be inspected and pruned without data.',
  operatorUnsupported:
    'Node "{node}" uses the ONNX operator {operator} (operator set {opset}), which cannot be evaluated yet. The model can still be inspected and pruned without data.',
  tfliteOperatorUnsupported:
    '"{node}" is computed by the TensorFlow Lite operator {operator}, which cannot be evaluated yet. The model can still be inspected and pruned without data.',
  operatorUseUnsupported:
    'Node "{node}" ({operator}) cannot be evaluated yet: {reason}. The model can still be inspected and pruned without data.',
  outputsUnsupported:
    'The model has {count} outputs; only models with one output can be evaluated yet. It can still be inspected and pruned without data.',
  graphUnsupported:
    'The model cannot be evaluated: {reason}. It can still be inspected and pruned without data.',
} as const;
