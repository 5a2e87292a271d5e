import type { Shrinking } from '../../../model/shrinking.ts';
import type { NodeInput, StatedLength } from '../contents.ts';
import type { OnnxAttribute, OnnxGraph, OnnxTensor } from '../proto.ts';
import { nameOf } from '../recurrent/found.ts';
import type { GraphEditor } from '../save/graphEditor.ts';

/** Gives every number of the file that states a length which has changed the new one: a reader of a constant gets a new constant. */
export async function restateLengths(
  graph: OnnxGraph,
  lengths: readonly StatedLength[],
  { values }: Shrinking,
  editor: GraphEditor,
): Promise<void> {
  const byReader = new Map<
    string,
    { reader: NodeInput; holder: StatedLength['holder']; numbers: number[] }
  >();
  for (const { holder, index, value, axis, reader } of lengths) {
    const change = values.get(value);
    const [before, after] = [change?.before[axis], change?.after[axis]];
    if (before === after || typeof after !== 'number') continue;
    const key = `${graph.nodes.indexOf(reader.node)} ${reader.input}`;
    const own = byReader.get(key) ?? { reader, holder, numbers: [...numbersOf(holder)] };
    byReader.set(key, own);
    // A length that is left to be counted out, or copied, follows by itself.
    if (own.numbers[index] === before) own.numbers[index] = after;
  }
  for (const { reader, holder, numbers } of byReader.values()) {
    const isOwn = [...reader.node.attributes.values()].some((attribute) => attribute === holder);
    if (isOwn) await editor.setIntegers(holder as OnnxAttribute, numbers);
    else
      editor.setInput(
        reader.node,
        reader.input,
        editor.addIntegers(`${nameOf(reader.node)}_lengths`, numbers, dimsOf(holder)),
      );
  }
}

function dimsOf(holder: OnnxTensor | OnnxAttribute): readonly number[] {
  if ('dataType' in holder) return holder.dims;
  return holder.ints ? [holder.ints.length] : [];
}

function numbersOf(holder: OnnxTensor | OnnxAttribute): readonly number[] {
  if ('dataType' in holder) return holder.small ?? [];
  return holder.ints ?? (holder.int === undefined ? [] : [holder.int]);
}
