import { UserError } from '../../../protocol/userError.ts';
import type { Place } from '../../protobuf/place.ts';
import type { OnnxFunction, OnnxGraph, OnnxModel } from '../proto.ts';
import { readFunction } from './function.ts';
import { readGraph } from './graph.ts';
import { readOpset } from './opset.ts';
import type { Source } from './source.ts';

/**
 * The ModelProto that a file is. Reads the structure and the few values of small tensors, no weights. Throws `UserError`: fileDamaged.
 */
export async function readModel(source: Source): Promise<OnnxModel> {
  const { reader } = source;
  const place = reader.whole();
  const opsets = new Map<string, number>();
  const functions: OnnxFunction[] = [];
  const producer: string[] = [];
  let irVersion = 0;
  let graph: OnnxGraph | undefined;
  for (const field of await reader.fields(place)) {
    const inside = (): Place => reader.message(field, place);
    if (field.number === 1) irVersion = reader.integer(field);
    else if (field.number === 2 || field.number === 3) producer.push(await reader.text(field));
    else if (field.number === 7) {
      // Protobuf would join the two, which nobody writes.
      if (graph) throw reader.damaged();
      graph = await readGraph(source, inside());
    } else if (field.number === 8) opsets.set(...(await readOpset(reader, inside())));
    else if (field.number === 25) functions.push(await readFunction(source, inside()));
  }
  if (!graph)
    throw new UserError('fileDamaged', { file: source.shownAs }, { code: 'reasonNoOnnxGraph', args: {} });
  return { place, irVersion, opsets, producer: producer.filter(Boolean).join(' '), graph, functions };
}
