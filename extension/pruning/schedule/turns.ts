/** When masks change that do so again and again. */
export interface TurnSettings {
  /** First step at which they do. */
  readonly begin: number;
  /** Last step at which they do. */
  readonly end: number;
  /** Steps from one change to the next. */
  readonly frequency: number;
}

/**
 * Whether a step is one of begin, begin + frequency, …, up to end, as in tfmot's schedules; and end itself, which those may leave out, so
 * that a target is met whatever the frequency.
 */
export function isTurn(step: number, { begin, end, frequency }: TurnSettings): boolean {
  return step === end || (step >= begin && step < end && (step - begin) % frequency === 0);
}

/** How much of the way from begin to end is done, 0 to 1. */
export function doneBetween(step: number, { begin, end }: TurnSettings): number {
  return step >= end ? 1 : Math.max(0, (step - begin) / (end - begin));
}
