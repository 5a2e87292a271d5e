import type { Place } from '../../protobuf/place.ts';
import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from '../proto.ts';
import { readNode } from './node.ts';
import { deepestGraph, type Source } from './source.ts';
import { readTensor } from './tensor.ts';
import { readValue } from './value.ts';

/** A GraphProto; `depth` counts the graphs around it. */
export async function readGraph(source: Source, place: Place, depth = 0): Promise<OnnxGraph> {
  const { reader } = source;
  if (depth > deepestGraph) throw reader.damaged();
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const valueInfo = new Map<string, OnnxValue>();
  let name = '';
  for (const field of await reader.fields(place)) {
    const inside = () => reader.message(field, place);
    if (field.number === 1) nodes.push(await readNode(source, inside(), depth));
    else if (field.number === 2) name = await reader.text(field);
    else if (field.number === 5) {
      const tensor = await readTensor(source, inside());
      initializers.set(tensor.name, tensor);
    } else if (field.number === 11) inputs.push(await readValue(reader, inside()));
    else if (field.number === 12) outputs.push(await readValue(reader, inside()));
    else if (field.number === 13) {
      const value = await readValue(reader, inside());
      valueInfo.set(value.name, value);
    }
  }
  return { place, name, nodes, initializers, inputs, outputs, valueInfo };
}
