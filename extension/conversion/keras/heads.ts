import type { AttentionNode } from '../../model/attentionNode.ts';
import type { GraphNode } from '../../model/graph.ts';
import type { KerasLayer, KerasTensor, KerasWeight } from './description.ts';
import type { Links } from './links.ts';
import { weight } from './weight.ts';

type Product = Extract<GraphNode, { op: 'MatMul' }>;

/** Attention by heads with the dense layers around it, which Keras has as one layer. */
export interface Heads {
  readonly attention: AttentionNode;
  readonly query: Product;
  readonly value: Product;
  readonly key: Product;
  readonly output: Product;
}

/** The dense layers of an attention, where nothing else reads what is between; undefined where it is another attention. */
export function headsOf(links: Links, attention: AttentionNode): Heads | undefined {
  const { score, scale, heads = 1, factor = 1, inputs, outputs, masks, unseen, dropout = 0 } = attention;
  const isOwn = (value: string) => links.readers(value).length === 1 && !links.isOutput(value);
  const [query, value, key] = inputs.map((name) => {
    const made = isOwn(name) ? links.producer(name) : undefined;
    const fits = made?.op === 'MatMul' && isOfHeads(made, 1) && made.weight.shape[1] === heads;
    return fits ? made : undefined;
  });
  const [reader] = isOwn(outputs[0]) ? links.readers(outputs[0]) : [];
  const output = reader?.op === 'MatMul' && isOfHeads(reader, 2) ? reader : undefined;
  if (
    !query ||
    !value ||
    !key ||
    !output ||
    score !== 'dot' ||
    scale ||
    (masks && unseen !== (dropout > 0 ? 'zero' : 'mean'))
  )
    return undefined;
  const biases = new Set([query, value, key, output].map(({ bias }) => bias !== undefined));
  const usual = Math.abs(factor * Math.sqrt(query.weight.shape[2]) - 1) < 1e-6;
  return usual && biases.size === 1 ? { attention, query, value, key, output } : undefined;
}

/** Kernels [D, heads, size] or [heads, size, D]. */
function isOfHeads({ weight: kernel, inputAxes, transposed }: Product, wanted: 1 | 2): boolean {
  return kernel.shape.length === 3 && inputAxes === wanted && !transposed;
}

/** MultiHeadAttention of Keras 3. */
export function headsLayer(
  { attention, query, value, key, output }: Heads,
  name: string,
  inputs: readonly KerasTensor[],
): KerasLayer {
  const [, count, size] = query.weight.shape;
  const kept = ({ weight: kernel, bias }: Product): KerasWeight[] => [
    weight('kernel', kernel),
    ...(bias ? [weight('bias', bias)] : []),
  ];
  return {
    className: 'MultiHeadAttention',
    name,
    config: {
      name,
      trainable: true,
      dtype: 'float32',
      num_heads: count,
      key_dim: size,
      value_dim: value.weight.shape[2],
      dropout: attention.dropout ?? 0,
      use_bias: query.bias !== undefined,
      output_shape: [output.weight.shape[2]],
      attention_axes: null,
    },
    inputs,
    ...(attention.causal && { causal: true }),
    weights: [],
    parts: {
      query_dense: kept(query),
      key_dense: kept(key),
      value_dense: kept(value),
      output_dense: kept(output),
    },
  };
}
