/** Of weights in a list, of which a file beside them may say how their layers follow each other. */
export const listEndings = [
  '.pt',
  '.pth',
  '.pth.tar',
  '.th',
  '.bin',
  '.ckpt',
  '.bin.index.json',
  '.safetensors',
  '.safetensors.index.json',
] as const;

/** Endings of the names of model files; those without a dot of their own belong to names that the formats' own tools give. */
export const modelEndings = [
  '.keras',
  '.h5',
  '.hdf5',
  '.weights.json',
  ...listEndings,
  '.onnx',
  'model.json',
  '.tflite',
  'saved_model.pb',
] as const;

/** The longest of these endings that a path has, in capitals or small letters; undefined where it has none. */
export function longestEnding(path: string, endings: readonly string[]): string | undefined {
  const lower = path.toLowerCase();
  const [longest] = endings.filter((ending) => lower.endsWith(ending)).sort((a, b) => b.length - a.length);
  return longest;
}

/** Of these the ones whose weights can be stored compressed. */
export const compressibleEndings = ['.keras', '.h5', '.hdf5'] as const;
