import { extname } from 'node:path';
import { openModel } from '../../extension/formats/open.ts';
import { layerRemovals } from '../../extension/pruning/layers/removals.ts';

/** Saves a model without recurrent layers, beside the original, and gives back the path. */
export async function removeLayers(path: string, leaving: readonly string[]): Promise<string> {
  const model = await openModel(path);
  try {
    if (!model.graph) throw new Error(`${path}: ${JSON.stringify(model.notEvaluable)}`);
    const removals = layerRemovals(model.graph).filter(({ name }) => leaving.includes(name));
    const without = removals.flatMap(({ way }) => ('redirection' in way ? [way.redirection] : []));
    if (without.length !== leaving.length) throw new Error(`${path}: ${JSON.stringify(removals)}`);
    await model.checkRebuild('shrink', without);
    const suffix = extname(path);
    const written = `${path.slice(0, -suffix.length)}.removed${suffix}`;
    await model.save(written, { compress: false, without });
    return written;
  } finally {
    await model.close();
  }
}
