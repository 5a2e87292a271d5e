import type { ValueName } from '../../../model/graph.ts';
import type { Builder, PlacedLayer, Value } from './lowering.ts';

/**
 * TensorFlow.js 4.22 keeps the keywords of a layer's call for all layers that it calls later (execute), and so the mask of the last one
 * that read a masked tensor: recurrent layers, which alone look at it, are computed under that where their own sequence has none.
 */
export class HeldMask {
  #mask: ValueName | undefined;

  /** Of the tensors of a layer with any mask, the first one's is kept, even where that has none. */
  keep(given: readonly Value[]): void {
    if (given.some(({ mask }) => mask !== undefined)) this.#mask = given[0].mask;
  }

  /**
   * The mask for a sequence that has none. Where the sequence is shorter, each direction takes as many steps as that from where it begins.
   * @param backwards the layer reads from the last step on
   */
  for({ name }: Value, layer: PlacedLayer, builder: Builder, backwards: boolean): ValueName | undefined {
    if (this.#mask === undefined) return undefined;
    const turned = (mask: ValueName) =>
      backwards ? builder.add({ ...builder.base(layer, mask), op: 'Reverse' }) : mask;
    const first = builder.base(layer, turned(this.#mask), name);
    return turned(builder.add({ ...first, op: 'Slice', axis: 1, begin: 0, likeAxis: 1 }));
  }
}
