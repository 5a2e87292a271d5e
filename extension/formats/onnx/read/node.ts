import type { Place } from '../../protobuf/place.ts';
import type { OnnxAttribute, OnnxNode } from '../proto.ts';
import { readAttribute } from './attribute.ts';
import type { Source } from './source.ts';

/** A NodeProto; `depth` counts the graphs around it. */
export async function readNode(source: Source, place: Place, depth: number): Promise<OnnxNode> {
  const { reader } = source;
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  let [name, opType, domain, overload] = ['', '', '', ''];
  for (const field of await reader.fields(place)) {
    if (field.number === 1) inputs.push(await reader.text(field));
    else if (field.number === 2) outputs.push(await reader.text(field));
    else if (field.number === 3) name = await reader.text(field);
    else if (field.number === 4) opType = await reader.text(field);
    else if (field.number === 5) {
      const attribute = await readAttribute(source, reader.message(field, place), depth);
      attributes.set(attribute.name, attribute);
    } else if (field.number === 7) domain = ownDomain(await reader.text(field));
    else if (field.number === 8) overload = await reader.text(field);
  }
  return { place, opType, domain, overload, name, inputs, outputs, attributes };
}

/** ONNX' own operators go by two spellings of their domain. */
export function ownDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}
