/** What a file holds, and what its name had let expect; in the braces of `contentUnexpected`. */
export const contents = {
  contentEmpty: 'nothing',
  contentLfs: 'a pointer of Git LFS; "git lfs pull" fetches the file itself',
  contentHtml: 'a web page; download the file itself',
  contentNumpy: 'a NumPy array',
  contentHdf5: 'HDF5; call it .h5 if Keras wrote it',
  contentZip: 'a zip archive of another kind',
  contentGzip: 'something compressed with gzip; unpack it first',
  contentKeras: 'a Keras model; call it .keras',
  contentTorch: 'weights of PyTorch; call it .pt',
  contentTflite: 'a TensorFlow Lite model; call it .tflite',
  contentOnnx: 'ONNX; call it .onnx',
  contentSafetensors: 'safetensors; call it .safetensors',
  contentPickle: 'a pickle of another kind; save the model with torch.save(), or with model.save() of Keras',
  contentArrays:
    'NumPy arrays, which are data (--data) or weights alone; save the model with its own library',
  contentArchitecture: 'the layers of a Keras model without their weights; save both with model.save()',
  contentGraphDef:
    'a graph of TensorFlow, whose layers are single operations; open the model that it was made of, as SavedModel, .keras or .h5',
  contentSavedModel: 'a SavedModel; call it saved_model.pb, beside its folder "variables"',
  contentVariables: 'the variables of a SavedModel; open the folder that has its saved_model.pb',
  contentTfjsWeights: 'weights of TensorFlow.js; open the model.json that names them',
  contentCoreMl: 'a Core ML model; open the model that it was converted from',
  contentOpenVino: 'a model of OpenVINO; open the one that it was converted from',
  contentJson: 'JSON of another kind',
  contentTensorflow:
    'a checkpoint of TensorFlow, which does not say what its layers are; save the model as .keras or .h5, or export it as a SavedModel',
  contentText: 'text',
  contentOther: 'data of another kind',
  expectedKeras: 'a Keras model',
  expectedOnnx: 'an ONNX model',
  expectedSafetensors: 'a safetensors file',
  expectedTflite: 'a TensorFlow Lite model',
  expectedTorch: 'a file of PyTorch, as torch.save writes it',
  expectedModelJson:
    'the model.json of a TensorFlow.js model, which has the keys "modelTopology" and "weightsManifest"',
  expectedShardMap: "the list of the files of a Keras model's weights",
} as const;
