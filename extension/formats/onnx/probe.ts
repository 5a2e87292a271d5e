import type { ProbeResult } from '../../protocol/requests.ts';
import { UserError } from '../../protocol/userError.ts';
import type { OnnxModel } from './proto.ts';

/** A graph has hundreds of nodes of a few types; a message names the first ones. */
const namedTypes = 12;

export function formatName({ opsets, producer }: OnnxModel): string {
  return ['ONNX', `opset ${opsets.get('') ?? '?'}`, ...(producer ? [producer] : [])].join(', ');
}

/** The recurrent layers of a graph, by name. Throws noRecurrentLayers where there are none, naming the types of its nodes. */
export function probeFound(model: OnnxModel, names: readonly string[], file: string): ProbeResult {
  if (names.length === 0) {
    const types = [...new Set(model.graph.nodes.map(({ opType }) => opType))];
    const more = types.length > namedTypes ? ', …' : '';
    throw new UserError('noRecurrentLayers', { file, layers: types.slice(0, namedTypes).join(', ') + more });
  }
  return { format: formatName(model), recurrentLayers: [...names] };
}
