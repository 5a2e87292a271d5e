/*
 * The first bytes of the memory, through which the threads meet; engine/wasm/control.ts knows the same places. Each
 * word that somebody waits for has a cache line of its own.
 */

/** Threads that sleep, or are about to. */
export const SLEEPING: usize = 0;
/** Number of the latest task. */
export const TASK: usize = 64;
/** Workers that have not finished the task. */
export const PENDING: usize = 128;
/** Threads that have come to the barrier. */
export const ARRIVED: usize = 192;
/** Number of the barrier's latest opening. */
export const OPENED: usize = 256;
/** Not 0 once a thread has failed in the task. */
export const FAILED: usize = 320;
/** How often a word is read before its thread goes to sleep. */
export const SPINS: usize = 384;
