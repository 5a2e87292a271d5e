import { checkOutput, reserveOutputName } from '../formats/outputName.ts';
import type { Placing } from '../formats/writeWhole.ts';
import type { PruneRequest } from '../protocol/requests.ts';

/** Where a job writes its model. */
export interface Destination {
  readonly path: string;
  readonly placing: Placing;
  /** Gives a reserved name back. */
  release(): void;
}

/** The output that was asked for, checked; else a free name, and the next one where another process is faster. */
export async function destinationOf({
  path,
  output,
  force,
}: Pick<PruneRequest, 'path' | 'output' | 'force'>): Promise<Destination> {
  if (output !== undefined) {
    const replace = force === true;
    await checkOutput(path, output, replace);
    return { path: output, placing: { replace }, release: () => {} };
  }
  let reserved = await reserveOutputName(path);
  const another = async () => {
    reserved.release();
    reserved = await reserveOutputName(path);
    return reserved.path;
  };
  return { path: reserved.path, placing: { another }, release: () => reserved.release() };
}
