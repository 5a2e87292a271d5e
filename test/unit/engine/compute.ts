import assert from 'node:assert/strict';
import { createSession } from '../../../extension/engine/createSession.ts';
import type { Graph, GraphNode } from '../../../extension/model/graph.ts';
import type { Tensor } from '../../../extension/model/tensor.ts';

/** A float32 tensor; int32 where it says so. */
export function tensor(shape: readonly number[], values: ArrayLike<number>, integers = false): Tensor {
  return { shape, data: integers ? Int32Array.from(values) : Float32Array.from(values) };
}

/** Computes nodes on inputs named x0, x1, …; gives the values named in `fetch`. */
export async function compute(
  nodes: readonly GraphNode[],
  inputs: readonly Tensor[],
  fetch: readonly string[],
): Promise<Tensor[]> {
  const graph: Graph = {
    inputs: inputs.map(({ shape, data }, i) => ({
      name: `x${i}`,
      shape: [null, ...shape.slice(1)],
      dtype: data instanceof Int32Array ? 'int32' : 'float32',
    })),
    nodes,
    outputs: [{ name: fetch[0] }],
  };
  const session = await createSession(graph);
  try {
    return await session.observe(inputs, fetch);
  } finally {
    await session.dispose();
  }
}

/** Asserts the shape, and every value to within `tolerance`, absolute below 1 and relative above. */
export function assertClose(
  found: Tensor,
  shape: readonly number[],
  expected: readonly number[],
  tolerance: number,
): void {
  assert.deepEqual(found.shape, shape);
  assert.equal(found.data.length, expected.length);
  for (const [i, value] of expected.entries()) {
    const off = Math.abs(found.data[i] - value);
    assert.ok(
      off <= tolerance * Math.max(1, Math.abs(value)),
      `value ${i} is ${found.data[i]}, expected ${value}`,
    );
  }
}
