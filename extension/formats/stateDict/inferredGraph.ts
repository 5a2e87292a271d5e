import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Graph } from '../../model/graph.ts';
import type { Model } from '../../model/model.ts';
import type { Message } from '../../protocol/messages.ts';
import {
  type DescribedLayer,
  descriptionFiles,
  descriptionLine,
  invalidDescription,
  layerText,
  parseDescription,
} from '../../protocol/modelDescription.ts';
import { unreadable } from '../../protocol/unreadable.ts';
import { UserError } from '../../protocol/userError.ts';
import { checkFileSize } from '../checkFileSize.ts';
import { assumedLayers } from './assume.ts';
import { chainOf } from './chain.ts';
import { codeGraph } from './codeGraph.ts';
import { firstOf } from './firstOf.ts';
import { noteGuessed } from './guessed.ts';
import { linksOf } from './links.ts';
import { lowerDescription } from './lower.ts';
import { moduleFacts } from './moduleFacts.ts';
import { type Modules, parametrised } from './modules.ts';
import { stepNotes } from './stepNotes.ts';
import { unknownModule } from './unknownModules.ts';

/** The graph of a state dict and how its layers follow each other, or why there is none. */
export type InferredGraph =
  | (Pick<Model, 'beside'> & { readonly graph: Graph; readonly described: readonly DescribedLayer[] })
  | { readonly notEvaluable: Message };

/** What is known of how layers follow each other before the file is read. */
export interface KnownDescription {
  /** Name of the model without its suffix, beside which the user's description may stand. */
  readonly stem: string;
  /** Of the model that this one was made from: counts before all others. */
  readonly described?: readonly DescribedLayer[] | undefined;
}

/** Bytes of a description, which is written by hand. */
const largestDescription = 2 ** 20;

/**
 * The graph that the user's description gives, else one that is inferred where the modules fit together in one way. Throws `UserError`
 * descriptionInvalid where the description is wrong.
 */
export async function inferredGraph(
  modules: Modules,
  model: string,
  { stem, described: known }: KnownDescription,
): Promise<InferredGraph> {
  if (known) return { graph: lowerDescription(known, modules), described: known };
  const lost = reasonLost(modules);
  if (lost) return without(lost);
  const files = descriptionFiles(stem);
  for (const file of files) {
    const content = await textOf(file);
    if (content === undefined) continue;
    const described = parseDescription(content, file);
    return { graph: lowered(described, modules, file), described, beside: [file] };
  }
  return inferred(modules, model, files[0]);
}

function lowered(layers: readonly DescribedLayer[], modules: Modules, file: string): Graph {
  try {
    return lowerDescription(layers, modules);
  } catch (error) {
    throw error instanceof UserError ? invalidDescription(file, error.info) : error;
  }
}

function inferred(modules: Modules, model: string, file: string): InferredGraph {
  const computed = parametrised(modules);
  if (computed !== undefined) return without({ code: 'reasonModuleComputed', args: { module: computed } });
  if (modules.computed) {
    const found = codeGraph(modules, modules.computed, model, file);
    if ('code' in found) return without(found);
    const assumptions = [...(found.graph.assumptions ?? []), ...noteAside(modules)];
    return { ...found, graph: { ...found.graph, ...(assumptions.length > 0 && { assumptions }) } };
  }
  const unlisted = modules.withheld.find(({ why }) => why === 'unlisted')?.name;
  const unknown =
    unlisted ?? modules.plain.find(({ kinds }) => kinds.length === 0)?.path ?? unknownModule(modules);
  if (unknown !== undefined) return without(reasonUnknown(unknown, modules, file));
  const convolution = modules.plain.find(({ kinds }) => kinds.includes('conv1d'));
  if (convolution) return without(reasonWindows(convolution.path, modules, file));
  const chain = chainOf(linksOf(modules), modules.inOrder);
  if (chain === 'none') return without({ code: 'reasonNoOrderFits', args: { file } });
  if (chain === 'several') return without({ code: 'reasonOrdersFit', args: { file } });
  const described = assumedLayers(chain, modules);
  const args = { model: basename(model), layers: descriptionLine(described), file };
  const assumptions: Message[] = [
    { code: 'noteGraphAssumed', args },
    ...noteGuessed(chain, described, modules, file),
    ...stepNotes(described, modules, file),
    ...noteAside(modules),
  ];
  return { graph: { ...lowerDescription(described, modules), assumptions }, described };
}

function reasonUnknown(path: string, modules: Modules, file: string): Message {
  const module = wordFor(path, modules);
  return module
    ? { code: 'reasonModuleUnknown', args: { module, file } }
    : { code: 'reasonModelUnknown', args: { file } };
}

/** A list of weights has no word of how far windows move, and no code turns the channels behind the steps. */
function reasonWindows(path: string, modules: Modules, file: string): Message {
  const link = { name: path, kind: 'conv1d' } as const;
  const layer = layerText({ ...link, ...moduleFacts(link, modules) });
  return { code: 'reasonConvolution', args: { module: path, layer, file } };
}

/** The root has no name, but where the file holds modules a class. */
function wordFor(path: string, { facts }: Modules): string {
  return path || (facts.get('')?.className ?? '');
}

function noteAside({ withheld }: Modules): Message[] {
  const names = withheld.filter(({ why }) => why === 'aside').map(({ name }) => name);
  return names.length > 0
    ? [{ code: 'noteTensorsAside', args: { tensors: firstOf([...new Set(names)]) } }]
    : [];
}

/** Why no description can help: weights that every graph of the model needs are not read. */
function reasonLost(modules: Modules): Message | undefined {
  const [packed, unread] = (['packed', 'unread'] as const).map((sought) =>
    modules.withheld.find(({ why }) => why === sought),
  );
  if (packed) return { code: 'reasonModulePacked', args: { module: wordFor(packed.name, modules) } };
  return unread && { code: 'reasonTensorUnread', args: { tensor: unread.name } };
}

function without(cause: Message): { notEvaluable: Message } {
  return { notEvaluable: { code: 'graphUnsupported', args: {}, cause } };
}

/** Undefined where there is no such file. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    await checkFileSize(file, largestDescription);
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof UserError) throw error;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(file, error);
  }
}
