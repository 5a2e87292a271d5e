import type { Direction } from '../../../protocol/report.ts';
import type { ArrayInfo, WeightArrays } from '../weightArrays.ts';

/** An array of a file that says nothing of the layers that it belongs to, but by names and shapes. */
export interface StoredArray extends ArrayInfo {
  /** By which the file calls it: `lstm/lstm_cell/kernel:0`, or a number. */
  readonly name: string;
  readonly dataset: string;
  /** Where it is read. */
  readonly source: Pick<WeightArrays, 'read'>;
}

/** Arrays that stand together in a file: of one layer, or of what a layer holds. */
export interface ArrayGroup {
  /** For people; unique in the file. */
  readonly name: string;
  readonly direction: Direction;
  /** The file's own names say that a recurrent cell is here. */
  readonly isCell: boolean;
  /** In the order in which the layer lists its weights. */
  readonly arrays: readonly StoredArray[];
}

/** `kernel` of `lstm/lstm_cell/kernel:0`; of a name that was given twice, `kernel:0_1`, too. */
export function baseName({ name }: Pick<StoredArray, 'name'>): string {
  return name.replace(/^.*\//, '').replace(/:\d+(_\d+)?$/, '');
}

/** A Bidirectional calls its layers forward and backward, as parts of paths or at the beginning of their names. */
export function directionIn(segments: readonly string[]): Direction | undefined {
  for (const segment of segments) {
    const found = /^(forward|backward)(_|$)/.exec(segment);
    if (found) return found[1] as Direction;
  }
  return undefined;
}
