import type { AttentionNode } from '../../model/attentionNode.ts';
import { type Parameter, readMasked } from '../../model/parameter.ts';
import type { OnnxBuilder } from './builder.ts';
import type { Values } from './values.ts';

/** What Keras takes off the scores of steps that do not count. */
const low = 1e9;

/** softmax(scores) · value; see `AttentionNode`. */
export function attention(b: OnnxBuilder, node: AttentionNode, values: Values): string {
  const [query, value, key = value] = node.inputs.map((name) => values.of(name));
  const { heads = 1, unseen, causal } = node;
  const mask = (i: number) => {
    const name = node.masks?.[i];
    return name === undefined ? undefined : values.mask(name);
  };
  const rank = heads === 1 ? 3 : 4;
  const scores = node.score === 'dot' ? dotScores(b, node, query, key) : sumScores(b, node, query, key);
  const queries = mask(0);
  const counted = both(b, mask(1), mask(2));
  const ofBoth = () =>
    both(b, queries && along(b, queries, rank, -2), counted && along(b, counted, rank, -1));
  const real = unseen && ofBoth();
  const masked = unseen ? replaced(b, scores, real) : lowered(b, scores, counted, rank);
  const before = causal ? untilOwnPlace(b, scores) : undefined;
  const placed = before ? b.add('Min', [masked, lowerOutside(b, scores, before)]) : masked;
  const shares = b.add('Softmax', [placed], { axis: { int: -1 } });
  const seen = unseen === 'zero' && real ? both(b, real, before) : undefined;
  const weights = seen ? b.add('Where', [seen, shares, b.floats(0)]) : shares;
  const attended = outOfHeads(b, node, b.add('MatMul', [weights, inHeads(b, node, value, 1)]));
  if (queries === undefined || unseen) return attended;
  return b.add('Where', [b.add('Unsqueeze', [queries, b.ints([2])]), attended, b.floats(0)]);
}

/** x [B,T,D] as [B,heads,T,D/heads]; one head is as it is. */
function inHeads(b: OnnxBuilder, { heads = 1, inputs }: AttentionNode, x: string, input: number): string {
  if (heads === 1) return x;
  const width = b.shapes.get(inputs[input] ?? inputs[1])?.[2] ?? 0;
  const cut = b.add('Reshape', [x, b.ints([0, 0, heads, width / heads])]);
  return b.add('Transpose', [cut], { perm: { ints: [0, 2, 1, 3] } });
}

function outOfHeads(b: OnnxBuilder, { heads = 1, outputs }: AttentionNode, x: string): string {
  if (heads === 1) return x;
  const width = b.shapes.get(outputs[0])?.[2] ?? 0;
  return b.add('Reshape', [b.add('Transpose', [x], { perm: { ints: [0, 2, 1, 3] } }), b.ints([0, 0, width])]);
}

function dotScores(b: OnnxBuilder, node: AttentionNode, query: string, key: string): string {
  const { factor, scale, heads = 1 } = node;
  const scaledQuery = factor === undefined ? query : b.add('Mul', [query, b.floats(factor)]);
  const perm = { ints: heads === 1 ? [0, 2, 1] : [0, 1, 3, 2] };
  const keys = b.add('Transpose', [inHeads(b, node, key, 2)], { perm });
  const scores = b.add('MatMul', [inHeads(b, node, scaledQuery, 0), keys]);
  return scale ? b.add('Mul', [scores, b.weights('scale', [], () => readMasked(scale))]) : scores;
}

/** Σ scale · tanh(query + key), or weight · Σ tanh(scale · (query + key)), of every query with every step. */
function sumScores(
  b: OnnxBuilder,
  { score, scale, weight }: AttentionNode,
  query: string,
  key: string,
): string {
  const times = (x: string, name: string, factor: Parameter | undefined) =>
    factor ? b.add('Mul', [x, b.weights(name, factor.shape, () => readMasked(factor))]) : x;
  const [inner, outer] = score === 'concat' ? [scale, undefined] : [undefined, scale];
  const sides = [b.add('Unsqueeze', [query, b.ints([2])]), b.add('Unsqueeze', [key, b.ints([1])])];
  const sums = times(b.add('Tanh', [times(b.add('Add', sides), 'scale', inner)]), 'scale', outer);
  return times(b.add('ReduceSum', [sums, b.ints([-1])], { keepdims: { int: 0 } }), 'weight', weight);
}

function both(b: OnnxBuilder, one: string | undefined, other: string | undefined): string | undefined {
  return one !== undefined && other !== undefined ? b.add('And', [one, other]) : (one ?? other);
}

/** Scores [B,…,Q,T] less 1e9 where the value does not count. */
function lowered(b: OnnxBuilder, scores: string, mask: string | undefined, rank: number): string {
  if (mask === undefined) return scores;
  const less = b.add('Where', [along(b, mask, rank, -1), b.floats(0), b.floats(low)]);
  return b.add('Sub', [scores, less]);
}

/**
 * Scores [B,…,Q,T] less 1e9 behind the query's own place. The lower one of this and of the masked scores is what Keras makes of both
 * masks together: 1e9 less once, whichever says so.
 */
function lowerOutside(b: OnnxBuilder, scores: string, seen: string): string {
  return b.add('Sub', [scores, b.add('Where', [seen, b.floats(0), b.floats(low)])]);
}

/** [Q,T], whether the value stands at the query's place or before. */
function untilOwnPlace(b: OnnxBuilder, scores: string): string {
  const [queries, steps] = [placesAlong(b, scores, -2), placesAlong(b, scores, -1)];
  return b.add('LessOrEqual', [
    b.add('Unsqueeze', [steps, b.ints([0])]),
    b.add('Unsqueeze', [queries, b.ints([1])]),
  ]);
}

/** 0, 1, 2, … along an axis of scores, counted from the end. */
function placesAlong(b: OnnxBuilder, scores: string, axis: -1 | -2): string {
  const shape = { start: { int: axis }, ...(axis === -2 && { end: { int: -1 } }) };
  return b.add('Range', [b.ints(0), b.add('Squeeze', [b.add('Shape', [scores], shape)]), b.ints(1)]);
}

/** −1e9 instead of scores where the query or the value does not count. */
function replaced(b: OnnxBuilder, scores: string, real: string | undefined): string {
  return real === undefined ? scores : b.add('Where', [real, scores, b.floats(-low)]);
}

/** [B,n] as it stands along one axis of scores. */
function along(b: OnnxBuilder, mask: string, rank: number, axis: -1 | -2): string {
  const before = Array.from({ length: rank - 3 }, (_, i) => 1 + i);
  const axes = axis === -1 ? [...before, rank - 2] : [...before, rank - 1];
  return b.add('Unsqueeze', [mask, b.ints(axes)]);
}
