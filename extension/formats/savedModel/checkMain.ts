import { FileBytes } from '../bytes/fileBytes.ts';
import { damaged } from '../damaged.ts';
import { type Field, fieldOf, WireReader, wires } from '../protobuf/reader.ts';

/** The only version there has been (kSavedModelSchemaVersion). */
const schemaVersion = 1;

/**
 * Makes sure that `saved_model.pb` is what its name says, by the lengths of its outermost parts: a version, and graphs with what belongs to
 * them (saved_model.proto and meta_graph.proto of TensorFlow 2.21). What the graphs compute is not looked at. Throws fileDamaged.
 */
export async function checkMain(path: string): Promise<void> {
  const file = await FileBytes.open(path);
  try {
    const reader = new WireReader(file, path);
    // Of another file the first bytes may already be no field at all.
    const begins = (await file.read(0, Math.min(1, file.size)))[0];
    if (begins !== 8 * 1 + wires.varint && begins !== 8 * 2 + wires.bytes) throw notOne(path);
    const fields = await reader.fields(reader.whole());
    const graphs = fields.filter(isMetaGraph);
    if (fieldOf(fields, 1)?.value !== schemaVersion || graphs.length === 0) throw notOne(path);
    for (const graph of graphs) {
      const parts = await reader.fields(graph);
      if (!parts.some(({ number, wire }) => number === 2 && wire === wires.bytes)) throw notOne(path);
    }
  } finally {
    await file.close();
  }
}

function isMetaGraph({ number, wire }: Field): boolean {
  return number === 2 && wire === wires.bytes;
}

function notOne(path: string) {
  return damaged(path, { code: 'reasonNoSavedModel', args: {} });
}
