/** Rounds halves to the even neighbour, as IEEE 754, Python's round and so torch.nn.utils.prune do. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
