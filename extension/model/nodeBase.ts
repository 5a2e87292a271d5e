import type { Half } from './half.ts';
import type { Integers } from './integers.ts';

/** What every node of a graph has: the names of the values that it reads and computes. */
export interface NodeBase {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The layer in the file that this came from. */
  readonly origin: string;
  /** Where the file has it computed in whole numbers: how. Absent: in floats. */
  readonly integers?: Integers;
  /** Where Keras computes its layer in 16 bits: how. */
  readonly half?: Half;
}
