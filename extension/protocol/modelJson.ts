/** The keys that say what a file is stand before the topology, or are its own. */
export const modelJsonHead = 64 * 1024;

/** Whether a text begins like the `model.json` of a TensorFlow.js model; so many characters of it are looked at. */
export function looksLikeModelJson(text: string): boolean {
  const head = text.slice(0, modelJsonHead);
  return /^\s*\{/.test(head) && /"(modelTopology|weightsManifest)"\s*:/.test(head);
}
