/** A network and a batch that every contender computes: [Embedding,] LSTM layers, a dense layer, logits. */
export interface Configuration {
  readonly letter: string;
  readonly title: string;
  readonly batch: number;
  readonly steps: number;
  /** Features of a step; width of the embedding where there is one. */
  readonly inputs: number;
  /** Token ids come in, and go through an embedding. */
  readonly vocabulary?: number;
  readonly hidden: number;
  readonly layers: number;
  readonly classes: number;
  /** Logits at every step, not at the last one alone. */
  readonly sequences: boolean;
  readonly passes: readonly Pass[];
}

export type Pass = 'train' | 'forward';

export const configurations: readonly Configuration[] = [
  {
    letter: 'a',
    title: 'B32 T100 I64 H128',
    batch: 32,
    steps: 100,
    inputs: 64,
    hidden: 128,
    layers: 1,
    classes: 10,
    sequences: false,
    passes: ['train', 'forward'],
  },
  {
    letter: 'b',
    title: 'PTB small: B20 T35, vocabulary 10000, embedding 200, 2 × LSTM(200), softmax',
    batch: 20,
    steps: 35,
    inputs: 200,
    vocabulary: 10_000,
    hidden: 200,
    layers: 2,
    classes: 10_000,
    sequences: true,
    passes: ['train', 'forward'],
  },
  {
    letter: 'c',
    title: 'B64 T50 I256 H512',
    batch: 64,
    steps: 50,
    inputs: 256,
    hidden: 512,
    layers: 1,
    classes: 10,
    sequences: false,
    passes: ['train', 'forward'],
  },
  {
    letter: 'd',
    title: 'batch 1, T100 I64 H128, forward only',
    batch: 1,
    steps: 100,
    inputs: 64,
    hidden: 128,
    layers: 1,
    classes: 10,
    sequences: false,
    passes: ['forward'],
  },
];

/** Shares of the recurrent layers' kernels that are zero. */
export const levels = [0, 0.5, 0.8, 0.9, 0.95] as const;
