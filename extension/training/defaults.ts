/** Samples of a batch where nothing is said. */
export const defaultBatch = 64;
/** Seed of what is drawn at random where nothing is said. */
export const defaultSeed = 1;
/** What keras.optimizers.Adam takes where nothing is said. */
export const defaultLearningRate = 1e-3;
