/** One file, and the script that reads it with the library that owns the format. */
export interface Contest {
  readonly file: string;
  /** What the script is written with. */
  readonly peer: string;
  /** Its name in `peers/`. */
  readonly script: string;
}

export const contests: readonly Contest[] = [
  { file: 'model.h5', peer: 'h5py', script: 'h5File.py' },
  { file: 'model.h5', peer: 'Keras', script: 'kerasModel.py' },
  { file: 'model.keras', peer: 'h5py', script: 'kerasFile.py' },
  { file: 'model.keras', peer: 'Keras', script: 'kerasModel.py' },
  { file: 'model.weights.h5', peer: 'h5py', script: 'weightsFile.py' },
  { file: 'model.pt', peer: 'torch.load, mapped', script: 'torchFile.py' },
  { file: 'legacy.pt', peer: 'torch.load', script: 'legacyTorchFile.py' },
  { file: 'script.pt', peer: 'torch.jit.load', script: 'scriptFile.py' },
  { file: 'model.safetensors', peer: 'safetensors.numpy', script: 'safetensorsFile.py' },
  { file: 'shards/model.safetensors.index.json', peer: 'safetensors.safe_open', script: 'shardsFile.py' },
  { file: 'model.onnx', peer: 'onnx.numpy_helper', script: 'onnxFile.py' },
  { file: 'external/model.onnx', peer: 'onnx.numpy_helper', script: 'onnxFile.py' },
  { file: 'tfjs/model.json', peer: 'NumPy and json', script: 'tfjsFile.py' },
  { file: 'graph/model.json', peer: 'NumPy and json', script: 'tfjsFile.py' },
  { file: 'model.tflite', peer: 'tf.lite.Interpreter', script: 'tfliteFile.py' },
  { file: 'saved_model', peer: 'tf.train.load_checkpoint', script: 'savedModel.py' },
];
