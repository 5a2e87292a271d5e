import { checkOutput, type Original, reserveOutputName } from '../formats/outputName.ts';
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
export async function destinationOf(
  { output, force }: Pick<PruneRequest, 'output' | 'force'>,
  original: Original,
): Promise<Destination> {
  if (output !== undefined) {
    const replace = force === true;
    // A folder's name may be given with the slash that shells put behind it.
    const path = original.folder === undefined ? output : output.replace(/(?<=[^\\/])[\\/]+$/, '');
    await checkOutput(original, path, replace);
    return { path, placing: { replace }, release: () => {} };
  }
  let reserved = await reserveOutputName(original);
  const another = async () => {
    reserved.release();
    reserved = await reserveOutputName(original);
    return reserved.path;
  };
  return { path: reserved.path, placing: { another }, release: () => reserved.release() };
}
