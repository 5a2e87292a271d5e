import type { Range } from '../protobuf/place.ts';
import { type Field, fieldOf, type WireReader } from '../protobuf/reader.ts';

/** What the objects of a SavedModel call a tensor of its checkpoint. */
export interface VariableName {
  /** The variable's own name, such as `lstm/lstm_cell/kernel`; empty where it has none. */
  readonly own: string;
  /** The attributes that lead to it from the model: `layers/1/cell/kernel`. */
  readonly path: string;
}

/** Longer ways to a variable are not followed: they grow with each object of a chain, and all of them would be kept. */
const longestPath = 4096;

/**
 * Names of the variables by their keys in the checkpoint (trackable_object_graph.proto of TensorFlow 2.21), each by the shortest way from
 * the model. Throws fileDamaged.
 * @param place where the message lies in the reader's file
 */
export async function variableNames(reader: WireReader, place: Range): Promise<Map<string, VariableName>> {
  const nodes = (await reader.fields(place)).filter(({ number }) => number === 1);
  const paths = new Map<number, string>(nodes.length === 0 ? [] : [[0, '']]);
  const names = new Map<string, VariableName>();
  const textIn = (fields: readonly Field[], number: number) => {
    const field = fieldOf(fields, number);
    return field ? reader.text(field) : '';
  };
  // By breadth, so that the first way is the shortest; a node is visited once, whatever circles there are.
  for (const [id, path] of paths) {
    for (const field of await reader.fields(nodes[id])) {
      if (field.number !== 1 && field.number !== 2) continue;
      const inner = await reader.fields(field);
      if (field.number === 1) {
        const child = fieldOf(inner, 1)?.value ?? 0;
        const local = await textIn(inner, 2);
        const way = path === '' ? local : `${path}/${local}`;
        if (nodes[child] && !paths.has(child) && way.length <= longestPath) paths.set(child, way);
      } else {
        const key = await textIn(inner, 3);
        if (key !== '' && !names.has(key)) names.set(key, { own: await textIn(inner, 2), path });
      }
    }
  }
  return names;
}
