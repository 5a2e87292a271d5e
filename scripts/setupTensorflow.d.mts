/** Installs @tensorflow/tfjs-node and builds its binding unless that stands already; returns the folder of the package. */
export function setupTensorflow(): Promise<string>;
