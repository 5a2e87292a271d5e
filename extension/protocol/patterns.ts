export const blockText = /^\s*([1-9]\d{0,3})[x×]([1-9]\d{0,3})\s*$/;
export const patternText = /^\s*(\d{1,4}):(\d{1,4})\s*$/;

/** `4x8`: a block of 4 rows and 8 columns; undefined where it is no such text. */
export function parseBlock(text: string): { rows: number; columns: number } | undefined {
  const found = blockText.exec(text);
  return found ? { rows: Number(found[1]), columns: Number(found[2]) } : undefined;
}

/** `2:4`: 2 weights are kept of every 4, so 1 ≤ N < M; undefined where it is no such text. */
export function parsePattern(text: string): { kept: number; of: number } | undefined {
  const found = patternText.exec(text);
  if (!found) return undefined;
  const [kept, of] = [Number(found[1]), Number(found[2])];
  return kept >= 1 && kept < of ? { kept, of } : undefined;
}
