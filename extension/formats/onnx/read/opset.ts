import type { Place } from '../../protobuf/place.ts';
import type { WireReader } from '../../protobuf/reader.ts';
import { ownDomain } from './node.ts';

/** An OperatorSetIdProto: a domain and its version. */
export async function readOpset(
  reader: WireReader,
  place: Place,
): Promise<[domain: string, version: number]> {
  let [domain, version] = ['', 0];
  for (const field of await reader.fields(place)) {
    if (field.number === 1) domain = ownDomain(await reader.text(field));
    else if (field.number === 2) version = reader.integer(field);
  }
  return [domain, version];
}
