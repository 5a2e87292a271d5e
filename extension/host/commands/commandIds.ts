/** Every command of the extension; the manifest and the handlers' table hold exactly these. */
export const commandIds = [
  'lstmPruner.prune',
  'lstmPruner.pruneWithRecipe',
  'lstmPruner.evaluate',
  'lstmPruner.analyzeSensitivity',
  'lstmPruner.findSmallest',
  'lstmPruner.convert',
  'lstmPruner.showGates',
  'lstmPruner.showGatesAsText',
  'lstmPruner.installTensorflow',
] as const;

export type CommandId = (typeof commandIds)[number];
