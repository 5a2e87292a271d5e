import { readFile } from 'node:fs/promises';
import type { Graph } from '../../model/graph.ts';
import type { Message } from '../../protocol/messages.ts';
import {
  type DescribedLayer,
  descriptionFiles,
  invalidDescription,
  layerJson,
  parseDescription,
} from '../../protocol/modelDescription.ts';
import { UserError } from '../../protocol/userError.ts';
import { assumedLayers } from './assume.ts';
import { chainOf } from './chain.ts';
import { linksOf } from './links.ts';
import { lowerDescription } from './lower.ts';
import type { Modules } from './modules.ts';

/** The graph of a state dict, or why there is none, and the file that describes it where there is one. */
export type InferredGraph = ({ readonly graph: Graph } | { readonly notEvaluable: Message }) & {
  readonly beside: readonly string[];
};

/** Bytes of a description, which is written by hand. */
const largestDescription = 2 ** 20;

/**
 * The graph that the user's description gives, else one that is inferred where the modules fit together in one way. Throws `UserError`
 * descriptionInvalid where the description is wrong.
 * @param stem name of the model without its suffix
 */
export async function inferredGraph(modules: Modules, model: string, stem: string): Promise<InferredGraph> {
  const files = descriptionFiles(stem);
  for (const file of files) {
    const content = await textOf(file);
    if (content === undefined) continue;
    return { graph: described(parseDescription(content, file), modules, file), beside: [file] };
  }
  return { ...inferred(modules, model, files[0]), beside: [] };
}

function described(layers: readonly DescribedLayer[], modules: Modules, file: string): Graph {
  try {
    return lowerDescription(layers, modules);
  } catch (error) {
    throw error instanceof UserError ? invalidDescription(file, error.info) : error;
  }
}

function inferred(
  modules: Modules,
  model: string,
  file: string,
): { graph: Graph } | { notEvaluable: Message } {
  const unknown = modules.plain.find(({ kinds }) => kinds.length === 0);
  if (unknown) return without({ code: 'reasonModuleUnknown', args: { module: unknown.path, file } });
  const chain = chainOf(linksOf(modules), modules.inOrder);
  if (chain === 'none') return without({ code: 'reasonNoOrderFits', args: { file } });
  if (chain === 'several') return without({ code: 'reasonOrdersFit', args: { file } });
  const layers = assumedLayers(chain, modules);
  const shown = JSON.stringify({ layers: layers.map(layerJson) });
  const note: Message = { code: 'noteGraphAssumed', args: { model, layers: shown, file } };
  return { graph: { ...lowerDescription(layers, modules), assumptions: [note] } };
}

function without(cause: Message): { notEvaluable: Message } {
  return { notEvaluable: { code: 'graphUnsupported', args: {}, cause } };
}

/** Undefined where there is no such file. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    const content = await readFile(file);
    if (content.length > largestDescription)
      throw new UserError('tooLarge', {
        file,
        what: file,
        needed: content.length,
        limit: largestDescription,
      });
    return content.toString('utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof UserError) throw error;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UserError('fileUnreadable', { file, reason: message });
  }
}
