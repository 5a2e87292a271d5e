import type { Place } from '../../protobuf/place.ts';
import type { OnnxAttribute, OnnxGraph, OnnxTensor } from '../proto.ts';
import { readGraph } from './graph.ts';
import { floatsOf, integersOf } from './lists.ts';
import type { Source } from './source.ts';
import { readTensor } from './tensor.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** An AttributeProto; `depth` counts the graphs around it. */
export async function readAttribute(source: Source, place: Place, depth: number): Promise<OnnxAttribute> {
  const { reader } = source;
  const attribute: Mutable<OnnxAttribute> = { place, name: '' };
  const ints: number[] = [];
  const floats: number[] = [];
  const texts: string[] = [];
  const tensors: OnnxTensor[] = [];
  const graphs: OnnxGraph[] = [];
  let type = 0;
  for (const field of await reader.fields(place)) {
    switch (field.number) {
      case 1:
        attribute.name = await reader.text(field);
        break;
      case 2:
        attribute.float = await reader.float(field);
        break;
      case 3:
        attribute.int = reader.integer(field);
        break;
      case 4:
        attribute.text = await reader.text(field);
        break;
      case 5:
        attribute.tensor = await readTensor(source, reader.message(field, place));
        break;
      case 6:
        attribute.graph = await readGraph(source, reader.message(field, place), depth + 1);
        break;
      case 7:
        floats.push(...(await floatsOf(reader, field)));
        break;
      case 8:
        ints.push(...(await integersOf(reader, field)));
        break;
      case 9:
        texts.push(await reader.text(field));
        break;
      case 10:
        tensors.push(await readTensor(source, reader.message(field, place)));
        break;
      case 11:
        graphs.push(await readGraph(source, reader.message(field, place), depth + 1));
        break;
      case 20:
        type = reader.integer(field);
        break;
      case 21:
        attribute.refersTo = await reader.text(field);
        break;
    }
  }
  return { ...attribute, ...listOf(type, { ints, floats, texts, tensors, graphs }) };
}

/** The list that the attribute has by its type (AttributeProto.AttributeType), which may be empty; without a type one that is not. */
function listOf(
  type: number,
  lists: Required<Pick<OnnxAttribute, 'ints' | 'floats' | 'texts' | 'tensors' | 'graphs'>>,
): Partial<OnnxAttribute> {
  const types = { floats: 6, ints: 7, texts: 8, tensors: 9, graphs: 10 } as const;
  const own = Object.entries(types).filter(
    ([name, number]) => type === number || lists[name as keyof typeof types].length > 0,
  );
  return Object.fromEntries(own.map(([name]) => [name, lists[name as keyof typeof types]]));
}
