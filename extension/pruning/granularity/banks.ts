import { keepMask, roundHalfToEven } from '../select.ts';

/** How a row is cut into banks, and how many weights of a bank of n go. */
export interface Banks {
  readonly size: number;
  pruned(n: number): number;
}

/** N:M sparsity (Mishra et al., "Accelerating Sparse Deep Neural Networks", 2021): N of every M stay; of a shorter rest as large a share, rounded up. */
export function pattern({ kept, of }: { readonly kept: number; readonly of: number }): Banks {
  return { size: of, pruned: (n) => n - Math.ceil((n * kept) / of) };
}

/**
 * Bank-balanced sparsity (Cao et al., "Efficient and Effective Sparse LSTM on FPGA with Bank-Balanced Sparsity", 2019): every bank of a row loses the
 * same share, so that banks can be read side by side.
 */
export function balanced(size: number, sparsity: number): Banks {
  return { size, pruned: (n) => roundHalfToEven(sparsity * n) };
}

/**
 * The mask of matrices [rows, columns], one after the other, whose rows are cut into banks of consecutive columns. What is gone already, at −∞,
 * goes even where a bank has more of it than the target takes.
 * @param scores overwritten
 */
export function bankMask(
  scores: Float32Array,
  matrices: readonly { readonly rows: number; readonly columns: number }[],
  { size, pruned }: Banks,
): Uint8Array {
  const mask = new Uint8Array(scores.length);
  let row = 0;
  for (const { rows, columns } of matrices) {
    for (let r = 0; r < rows; r++, row += columns) {
      for (let from = row; from < row + columns; from += size) {
        const bank = scores.subarray(from, Math.min(from + size, row + columns));
        const gone = bank.filter((score) => score === Number.NEGATIVE_INFINITY).length;
        mask.set(keepLargest(bank, Math.max(gone, pruned(bank.length))), from);
      }
    }
  }
  return mask;
}

/** Banks are small: looking through one again and again beats two histograms. */
const smallBank = 64;

function keepLargest(bank: Float32Array, pruned: number): Uint8Array {
  if (bank.length > smallBank) return keepMask(bank, pruned);
  const mask = new Uint8Array(bank.length).fill(1);
  for (let done = 0; done < pruned; done++) {
    let least = -1;
    for (let i = 0; i < bank.length; i++)
      if (mask[i] === 1 && (least < 0 || bank[i] < bank[least])) least = i;
    mask[least] = 0;
  }
  return mask;
}
