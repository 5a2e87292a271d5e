import { drawTable } from '../readme.ts';

interface Quality {
  readonly loss: number;
  readonly accuracy: number | undefined;
}

export interface PurposeRow {
  readonly name: string;
  readonly dense: Quality;
  /** The dense one trained for as long again as the pruned one. */
  readonly longer: Quality;
  readonly pruned: Quality;
  readonly finetuned: Quality;
  /** Of the prunable weights of what was written. */
  readonly sparsity: number;
  /** The part that the losses are measured on, and the one that epochs are compared on. */
  readonly split: string;
  readonly validationSplit: string;
  readonly samples: number;
  readonly epochs: number;
  /** The epoch whose weights were written. */
  readonly kept: number;
  readonly seconds: number;
  readonly engine: string;
  readonly flags: string;
}

/** A pruned and fine-tuned model may lose so much of the dense one's loss. */
const allowed = 0.02;

/** How much higher the loss is than the lower one of the dense model's two, as a share of it. */
export function difference({ dense, longer, finetuned }: PurposeRow): number {
  return finetuned.loss / Math.min(dense.loss, longer.loss) - 1;
}

export function isAsGood(row: PurposeRow): boolean {
  return difference(row) <= allowed;
}

export function drawPurpose(rows: readonly PurposeRow[], notes: readonly string[], date: string): string {
  const table = drawTable(
    [
      'model',
      'sparsity',
      'dense',
      'dense, trained on',
      'pruned',
      'pruned and fine-tuned',
      'difference',
      'within 2 %',
    ],
    rows.map((row) => {
      const share = difference(row) * 100;
      return [
        row.name,
        `${(row.sparsity * 100).toFixed(1)} %`,
        quality(row.dense),
        quality(row.longer),
        quality(row.pruned),
        quality(row.finetuned),
        `${share > 0 ? '+' : ''}${share.toFixed(2)} %`,
        isAsGood(row) ? 'yes' : '**no**',
      ];
    }),
  );
  const runs = rows.map(
    ({ name, flags, split, validationSplit, samples, epochs, kept, seconds, engine }) =>
      `- ${name}: measured on the part ${split}, ${samples} samples; ${epochs} epochs, compared on the part ${validationSplit}; ` +
      `weights of epoch ${kept}; ${seconds.toFixed(0)} s on ${engine}; \`lstm-pruner prune --sparsity 0.9 ${flags}\``,
  );
  return `${[
    '# Pruned to a tenth and fine-tuned',
    `Written by \`npm run bench:purpose\` on ${date}, with the command line that users have. Loss (accuracy) of the dense model; of it
trained on with the flags of the fine-tuning, so that it has had as many epochs; of the dense model with the 90 % smallest weights of its
recurrent layer set to zero; and of that after fine-tuning. The difference is to the lower one of the two dense losses. The Reber model is the trained one of
\`examples/reber\`; the one of MNIST's image rows, an LSTM(128), was trained by this project from random weights with the same flags and
\`--sparsity 0\` first, to the epoch of its lowest validation loss.`,
    table,
    [...runs, ...notes.map((note) => `- ${note}`)].join('\n'),
  ].join('\n\n')}\n`;
}

function quality({ loss, accuracy }: Quality): string {
  return accuracy === undefined ? loss.toFixed(4) : `${loss.toFixed(4)} (${(accuracy * 100).toFixed(1)} %)`;
}
