/** A share for people, in the arguments of messages. */
export function percent(fraction: number): string {
  return `${Math.round(fraction * 1000) / 10} %`;
}
