/** What engines cannot do, and what went wrong as one was installed. */
export const engineMessages = {
  // Engine
  engineMemory:
    'The model and its batch need more memory than the {limit} that the WebAssembly engine has. Use a smaller batch, or the TensorFlow engine.',
  batchMemory:
    'A batch of {batch} samples needs more memory than the {limit} that the WebAssembly engine has. Use a batch of {fits} (--batch {fits}), or the TensorFlow engine.',
  engineThread:
    'A thread of the WebAssembly engine failed: {reason}. Try again, with one thread if it happens again.',

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
} as const;
