import type { Graph } from '../../../model/graph.ts';
import { endsOf, type Redirection } from '../../../model/removal.ts';
import { UserError } from '../../../protocol/userError.ts';
import { sameGraph } from '../../sameGraph.ts';
import { type LayerConfig, parseModelConfig } from '../config.ts';
import { leavesOf } from '../leaves.ts';
import type { KerasContents, Lowered, RewrittenFile } from '../model.ts';
import { redirectedTensors } from './redirectedTensors.ts';
import { remainingConfig } from './remainingConfig.ts';

/**
 * The configuration and the layout of a file without the layers that nobody reads after redirections; undefined where there are none. The
 * new configuration is lowered again and must give the graph that the redirections give. Throws shrinkUnsupported where it does not, such
 * as where a mask goes on that was lost before, or where a layer that should go is still read for something else.
 * @param lower gives the graph of another configuration, over the same parameters
 */
export function remainingFile(
  contents: KerasContents,
  whole: Lowered,
  lower: (config: LayerConfig) => Lowered,
  redirections: readonly Redirection[],
): RewrittenFile | undefined {
  if (redirections.length === 0) return undefined;
  if (!('graph' in whole)) throw new Error('Nothing can be redirected in a model without a graph.');
  const { path, config, configText } = contents;
  const tensors = redirectedTensors(config, whole.tensors, redirections);
  if (!tensors) throw unsaid(path);
  const text = remainingConfig(configText, config, tensors);
  const remaining = parseModelConfig(text, path);
  const after = lower(remaining);
  const layout = contents.layoutOf(remaining);
  const says =
    'graph' in after &&
    sameGraph(whole.graph, after.graph, endsOf(redirections)) &&
    leavesNothingOver(whole.graph, after.graph, remaining) &&
    hasArrays(contents, remaining, layout.leftOut ?? []);
  if (!says) throw unsaid(path);
  return { configText: text, layout };
}

/** Whether no layer stays in the file that the graph no longer needs, such as where it is read for a mask alone. */
function leavesNothingOver(before: Graph, after: Graph, remaining: LayerConfig): boolean {
  const [was, is] = [before, after].map(({ nodes }) => new Set(nodes.map(({ origin }) => origin)));
  const paths = leavesOf(remaining, () => new Map()).map(({ path }) => path);
  return paths.every((path) => is.has(path) || !was.has(path));
}

/** Whether the arrays of all layers that stay do. A layer that stands in two networks is stored where it stands first. */
function hasArrays(
  { weightPaths }: KerasContents,
  remaining: LayerConfig,
  leftOut: readonly string[],
): boolean {
  const datasets = leavesOf(remaining, () => new Map()).flatMap(({ path }) => weightPaths.get(path) ?? []);
  return datasets.every((dataset) => {
    const path = dataset.replace(/^\/?/, '/');
    return !leftOut.some((group) => path === group || path.startsWith(`${group}/`));
  });
}

function unsaid(file: string): UserError {
  return new UserError('shrinkUnsupported', { file }, { code: 'reasonLayersTangled', args: {} });
}
