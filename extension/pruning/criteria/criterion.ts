import type { Evidence, EvidenceKind, UnitActivity } from '../../model/evidence.ts';
import type { GateView } from '../../model/gateView.ts';

/** Weights that are judged together: one gate's matrix, another tensor, or what of one belongs to a hidden unit. */
export interface Piece {
  readonly view: GateView;
  /** By which evidence about its columns is found; absent of what has none, such as a bias. */
  readonly matrixName?: string;
  /** [rows, columns], row-major. */
  readonly values: Float32Array;
}

interface CriterionBase {
  /** What of the evidence it cannot do without. */
  readonly needs: readonly EvidenceKind[];
}

/** Judges weights; a group by the scores of its weights. A file a criterion. */
export interface WeightCriterion extends CriterionBase {
  readonly judges: 'weights';
  /**
   * One score a weight, [rows, columns]; the lowest go first. Any finite number. A criterion that scores 0 where the weight is 0, and
   * nowhere else, may write the scores over the values. Undefined where it has no opinion, so that the piece does not count.
   */
  scores(piece: Piece, evidence: Evidence, seed: number): Float32Array | undefined;
  /**
   * A group's score from those of its n weights, so that groups of unequal sizes compare by what each weight is worth: Σs/n, √(Σs²/n), or
   * |Σs|/n, where a weight alone has |s|.
   */
  readonly combine: 'mean' | 'rootMeanSquare' | 'absoluteMean';
}

/** Judges hidden units by what they put out. */
export interface UnitCriterion extends CriterionBase {
  readonly judges: 'units';
  /** [H] */
  scores(activity: UnitActivity): Float32Array;
}

/** Judges a matrix' columns. */
export interface ColumnCriterion extends CriterionBase {
  readonly judges: 'columns';
  /** [columns] */
  scores(matrixName: string, evidence: Evidence): Float32Array;
}

export type Criterion = WeightCriterion | UnitCriterion | ColumnCriterion;

/** A part of some evidence; it was asked for by `needs`, so a lack of it is a defect. */
export function evidenceOf<Kind extends EvidenceKind>(
  evidence: Evidence,
  kind: Kind,
): NonNullable<Evidence[Kind]> {
  const found = evidence[kind];
  if (!found) throw new Error(`the evidence ${kind} was not gathered`);
  return found;
}
