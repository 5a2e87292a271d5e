import { roundHalfToEven } from '../../model/roundHalfToEven.ts';
import { keepMask } from '../select.ts';

/** How a row is cut into banks, and how many weights of a bank of n go. */
export interface Banks {
  readonly size: number;
  pruned(n: number): number;
}

/**
 * N:M sparsity (Mishra et al., "Accelerating Sparse Deep Neural Networks", 2021): N of every M stay; of a shorter rest as large a share,
 * rounded up.
 * @param due share that is to be gone so far, on the way to 1 − N / M
 */
export function pattern({ kept, of }: { readonly kept: number; readonly of: number }, due = 1): Banks {
  return { size: of, pruned: (n) => Math.min(n - Math.ceil((n * kept) / of), roundHalfToEven(due * n)) };
}

/**
 * Bank-balanced sparsity (Cao et al., "Efficient and Effective Sparse LSTM on FPGA with Bank-Balanced Sparsity", 2019): every bank of a row
 * loses the same share, so that banks can be read side by side.
 */
export function balanced(size: number, sparsity: number): Banks {
  return { size, pruned: (n) => roundHalfToEven(sparsity * n) };
}

/**
 * The mask of matrices [rows, columns], one after the other, whose rows are cut into banks of consecutive columns. What is gone already, at
 * −∞, goes even where a bank has more of it than the target takes; what must stay, at +∞, stays.
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
        maskBank(bank, pruned(bank.length), mask, from);
      }
    }
  }
  return mask;
}

/** Up to this size, comparing the scores of a bank with each other is faster than the histograms of `keepMask`. */
const smallBank = 256;

/** The mask of the `pruned` lowest scores, of equal ones those with the lower index, written from `at` on. */
function maskBank(bank: Float32Array, pruned: number, mask: Uint8Array, at: number): void {
  let [gone, fixed] = [0, 0];
  for (let i = 0; i < bank.length; i++) {
    if (bank[i] === Number.NEGATIVE_INFINITY) gone++;
    else if (bank[i] === Number.POSITIVE_INFINITY) fixed++;
  }
  const count = Math.min(Math.max(gone, pruned), bank.length - fixed);
  if (bank.length > smallBank) mask.set(keepMask(bank, count), at);
  else for (let i = 0; i < bank.length; i++) mask[at + i] = Number(rankIn(bank, i) >= count);
}

/** How many scores of a bank go before this one. */
function rankIn(bank: Float32Array, place: number): number {
  const score = bank[place];
  let rank = 0;
  for (let i = 0; i < place; i++) rank += Number(bank[i] <= score);
  for (let i = place + 1; i < bank.length; i++) rank += Number(bank[i] < score);
  return rank;
}
