/** How much higher a loss may be: a share of itself, or a difference. */
export type LossIncrease = { readonly share: number } | { readonly difference: number };

const number = String.raw`(\d+(?:\.\d*)?|\.\d+)`;
const increaseText = new RegExp(`^${number}(e-?\\d+)?\\s*(%)?$`, 'i');
const durationText = new RegExp(`^(?:${number}h)?(?:${number}m)?(?:${number}s)?$`, 'i');

/** `2%` is a share of the loss, `0.02` a difference; undefined where it is neither. */
export function parseIncrease(text: string): LossIncrease | undefined {
  const [, digits, exponent = '', percent] = increaseText.exec(text.trim()) ?? [];
  const value = Number(`${digits}${exponent}`);
  if (!Number.isFinite(value)) return undefined;
  return percent ? { share: value / 100 } : { difference: value };
}

/** The highest loss that is within a budget. Losses below 0 rise by a share of their size, too. */
export function highestLoss(loss: number, increase: LossIncrease): number {
  return loss + ('share' in increase ? increase.share * Math.abs(loss) : increase.difference);
}

/** Seconds of `90s`, `30m` or `1h30m`; undefined where it is no time, or none at all. */
export function parseDuration(text: string): number | undefined {
  const [, hours = 0, minutes = 0, seconds = 0] = durationText.exec(text.trim()) ?? [];
  const all = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return all > 0 ? all : undefined;
}
