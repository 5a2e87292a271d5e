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
  contentPickle: 'a pickle of another kind',
  contentJson: 'JSON of another kind',
  contentTensorflow:
    'a checkpoint of TensorFlow, which does not say what its layers are; export the model as a SavedModel',
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
