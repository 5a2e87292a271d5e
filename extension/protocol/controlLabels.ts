/** The words about a small dense model beside the pruned one; a part of `labels`. */
export const controlLabels = {
  controlTitle: 'Small dense model of the same size, trained from scratch',
  controlText:
    'A dense model of the same structure with fewer hidden units, about as large as the pruned one. It had no trained weights to begin with: they were drawn, and then trained with the same data and settings as the fine-tuning.',
  prunedModel: 'Pruned model',
  smallModel: 'Small dense model',
  unitsOf: 'Units of {layer}',
  epochsTrained: 'Epochs of training',
  trainingTime: 'Time of training',
} as const;
