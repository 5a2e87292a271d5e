import type { GateView } from '../../model/gateView.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';

/** Divides weights into groups that go or stay whole. */
export interface Grouping {
  /** Groups are numbered from 0 in canonical order. */
  readonly count: number;
  /** A weight may lie in several parts, as the recurrent weight from one hidden unit to another; it goes with any of its groups. */
  readonly parts: readonly GroupPart[];
  /** At least one group of each family stays; absent: at least one of all. Numbers from 0, one a group. */
  readonly families?: Uint32Array;
  /** Nothing depends on one of the groups staying. */
  readonly allMayGo?: boolean;
  /** Layers whose hidden units the groups are: group first + i is the layer's unit indices[i]. */
  readonly units?: readonly {
    readonly layer: RecurrentLayer;
    readonly first: number;
    readonly indices: Uint32Array;
  }[];
  /** Matrices whose columns the groups are. */
  readonly columns?: readonly { readonly matrixName: string; readonly first: number }[];
}

/** Weight (r, c) of the view belongs to group rows[r] + columns[c]. */
export interface GroupPart {
  readonly view: GateView;
  /** By which evidence about its columns is found. */
  readonly matrixName?: string;
  readonly rows: Uint32Array;
  readonly columns: Uint32Array;
  /** Whether its weights count in their groups' scores; all of them go with their groups. */
  readonly scored: boolean;
}

/** `length` numbers from `first` on, `step` apart. */
export function count(length: number, first = 0, step = 1): Uint32Array {
  return Uint32Array.from({ length }, (_, i) => first + i * step);
}

/** What is said of groups, said of each weight of a part: [rows, columns]. */
export function ofWeights({ view, rows, columns }: GroupPart, groups: Uint8Array): Uint8Array {
  const own = new Uint8Array(view.rows * view.columns);
  for (let r = 0, i = 0; r < view.rows; r++)
    for (let c = 0; c < view.columns; c++) own[i++] = groups[rows[r] + columns[c]];
  return own;
}
