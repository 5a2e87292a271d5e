/** Installs stock TensorFlow.js unless it is there; the folder with its packages. */
export function setupStockTfjs(): Promise<string>;
