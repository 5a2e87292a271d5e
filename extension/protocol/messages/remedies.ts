/** What to try, worded into the braces of another sentence. */
export const remedies = {
  remedyIncrease: 'a larger increase (--max-loss-increase) or more epochs (--epochs)',
  remedyTrials: 'a larger increase (--max-loss-increase), more epochs (--epochs) or more trials (--trials)',
  remedyTime: 'a larger increase (--max-loss-increase) or more time (--time-budget)',
  remedyGoOn: 'a larger increase (--max-loss-increase), or the search to go on',
  remedyRate:
    'a learning rate of {rate} (--learning-rate); in the editor it is set where the epochs are chosen',
  remedyRateOrClip:
    'a learning rate of {rate} (--learning-rate), or gradients clipped to a norm of 1 (--clip-norm); in the editor both are set where the epochs are chosen',
} as const;
