import type { ExpectedData } from '../../../extension/data/dataset.ts';

type Shape = readonly (number | null)[];

/** A model with one float input and, where it matters, an output. */
export function expecting(input: Shape, output?: Shape): ExpectedData {
  const inputs = [{ name: 'input', shape: input, dtype: 'float32' as const }];
  return output ? { inputs, output } : { inputs };
}

/** A model that begins with an embedding. */
export function expectingTokens(input: Shape, vocabulary: number, output?: Shape): ExpectedData {
  const inputs = [{ name: 'tokens', shape: input, dtype: 'int32' as const, vocabulary }];
  return output ? { inputs, output } : { inputs };
}
