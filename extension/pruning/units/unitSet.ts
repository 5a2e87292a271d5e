import type { GateView } from '../../model/gateView.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Message } from '../../protocol/messages.ts';

/**
 * Hidden units that can only go together: those of one recurrent layer, or of several that a residual add, the sum, product or
 * average of a Bidirectional, or shared weights tie together.
 */
export interface UnitSet {
  /** Number of units. */
  readonly size: number;
  /** Whose hidden units they are, in the order of the model. A layer may have a part of its units in another set. */
  readonly layers: readonly RecurrentLayer[];
  /** Everything that a unit owns. A weight may lie in several places, as that from one unit of a layer to another. */
  readonly places: readonly UnitPlace[];
  /** Why none of them can go; absent where they can. */
  readonly frozen?: Message;
}

/** Weights of which each unit owns some: along `axis`, the view has one row or column a unit, in the order of the set. */
export interface UnitPlace {
  readonly view: GateView;
  readonly axis: 'row' | 'column';
  /**
   * own: of the recurrent layer itself, its rows, biases and recurrent columns. consumer: by which others read the unit or scale it.
   * tied: of a dense or embedding layer whose output meets the units, so that it loses one with each of them.
   */
  readonly part: 'own' | 'consumer' | 'tied';
}
