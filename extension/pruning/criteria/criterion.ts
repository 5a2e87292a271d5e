import type { Evidence, EvidenceKind, UnitActivity } from '../../model/evidence.ts';
import { type GateView, gathered } from '../../model/gateView.ts';
import type { Parameter } from '../../model/parameter.ts';

/** Weights that are judged together: one gate's matrix, another tensor, or what of one belongs to a hidden unit. */
export interface Piece {
  readonly view: GateView;
  /** By which evidence about its columns is found; absent where it is only a part of its matrix' columns. */
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
   * One score a weight, [rows, columns], any finite number; the lowest go first. They may be written over the values. Undefined where there
   * is no opinion: the piece does not count in the scores of its groups, and of its weights all are alike and go first.
   */
  scores(piece: Piece, evidence: Evidence, seed: number): Float32Array | undefined;
  /**
   * A group's score from those of its n weights, so that groups of unequal sizes compare by what each weight is worth: Σs/n, √(Σs²/n), or
   * |Σs|/n, where a weight alone has |s|; or that of its first weight.
   */
  readonly combine: 'mean' | 'rootMeanSquare' | 'absoluteMean' | 'first';
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

/** Kinds of evidence that hold a number for each weight. */
type KindOfWeights = {
  [Kind in EvidenceKind]-?: Evidence[Kind] extends ReadonlyMap<Parameter, Float32Array> | undefined
    ? Kind
    : never;
}[EvidenceKind];

/** A fresh array [rows, columns] of the evidence about a piece's weights; undefined where there is none about its parameter. */
export function evidenceAt(
  { view }: Pick<Piece, 'view'>,
  evidence: Evidence,
  kind: KindOfWeights,
): Float32Array | undefined {
  const values = evidenceOf(evidence, kind).get(view.parameter);
  return values && gathered(view, values);
}
