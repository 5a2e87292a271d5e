import type { Place } from '../../protobuf/place.ts';
import type { OnnxAttribute, OnnxFunction, OnnxNode } from '../proto.ts';
import { readAttribute } from './attribute.ts';
import { ownDomain, readNode } from './node.ts';
import { readOpset } from './opset.ts';
import type { Source } from './source.ts';

/** A FunctionProto: nodes that other nodes call by its name. */
export async function readFunction(source: Source, place: Place): Promise<OnnxFunction> {
  const { reader } = source;
  const inputs: string[] = [];
  const outputs: string[] = [];
  const nodes: OnnxNode[] = [];
  const opsets = new Map<string, number>();
  const defaults = new Map<string, OnnxAttribute>();
  let [name, domain, overload] = ['', '', ''];
  for (const field of await reader.fields(place)) {
    const inside = () => reader.message(field, place);
    if (field.number === 1) name = await reader.text(field);
    else if (field.number === 4) inputs.push(await reader.text(field));
    else if (field.number === 5) outputs.push(await reader.text(field));
    else if (field.number === 7) nodes.push(await readNode(source, inside(), 0));
    else if (field.number === 9) opsets.set(...(await readOpset(reader, inside())));
    else if (field.number === 10) domain = ownDomain(await reader.text(field));
    else if (field.number === 11) {
      const attribute = await readAttribute(source, inside(), 0);
      defaults.set(attribute.name, attribute);
    } else if (field.number === 13) overload = await reader.text(field);
  }
  return { place, domain, name, overload, inputs, outputs, defaults, nodes, opsets };
}
