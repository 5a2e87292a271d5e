/** Why a model without a graph is not converted: what is said of it elsewhere, with what that means for a conversion. */
export const conversionMessages = {
  layerNotConverted:
    'Layer "{layer}" is a {type}, which cannot be evaluated yet. Only models that can be evaluated are converted.',
  layerOptionNotConverted:
    'Layer "{layer}" ({type}) uses {setting}, which cannot be evaluated yet. Only models that can be evaluated are converted.',
  operatorNotConverted:
    'Node "{node}" uses the ONNX operator {operator} (operator set {opset}), which cannot be evaluated yet. Only models that can be evaluated are converted.',
  tfliteOperatorNotConverted:
    '"{node}" is computed by the TensorFlow Lite operator {operator}, which cannot be evaluated yet. Only models that can be evaluated are converted.',
  operatorUseNotConverted:
    'Node "{node}" ({operator}) cannot be evaluated yet: {reason}. Only models that can be evaluated are converted.',
  outputsNotConverted: 'The model has {count} outputs; only models with one output can be converted yet.',
  graphNotConverted: 'The model cannot be converted, since it cannot be evaluated: {reason}.',
} as const;
