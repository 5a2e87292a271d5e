/**
 * Bytes of a JSON text that describes a model, unpacked: a few kilobytes of an archive can be gigabytes of brackets, and each takes forty
 * bytes once it is parsed. The topology of ten thousand layers, or the list of a hundred thousand tensors, has less.
 */
export const largestJson = 16 * 2 ** 20;
