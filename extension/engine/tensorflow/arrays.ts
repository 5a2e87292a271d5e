import type { Id, Operations } from './operations.ts';

/* Moving and multiplying matrices, by TensorFlow's operations of these names. What is cut along the first axis is not copied. */

/** a · b, each transposed where asked. */
export function matMul(ops: Operations, a: Id, b: Id, transposeA = false, transposeB = false): Id {
  const flags = [ops.flag('transpose_a', transposeA), ops.flag('transpose_b', transposeB)];
  return ops.run('MatMul', [a, b], ops.float(...flags));
}

export function concat(ops: Operations, parts: readonly Id[], axis: number): Id {
  const inputs = [...parts, ops.integers([axis], [])];
  return ops.run('ConcatV2', inputs, ops.float(ops.int('N', parts.length)));
}

/** The matrices of a stack along the first axis. */
export function unpack(ops: Operations, stack: Id, count: number): Id[] {
  return ops.runAll('Unpack', [stack], count, ops.float(ops.int('num', count), ops.int('axis', 0)));
}

/** Equal parts along the first axis. */
export function split(ops: Operations, whole: Id, count: number): Id[] {
  const inputs = [ops.integers([0], []), whole];
  return ops.runAll('Split', inputs, count, ops.float(ops.int('num_split', count)));
}

/** Entries from … to along the first axis. */
export function rows(ops: Operations, whole: Id, rank: number, from: number, count: number): Id {
  const rest = Array.from({ length: rank - 1 }, () => 0);
  const begin = ops.integers([from, ...rest]);
  const size = ops.integers([count, ...rest.map(() => -1)]);
  return ops.run('Slice', [whole, begin, size]);
}

export function reshape(ops: Operations, x: Id, shape: readonly number[]): Id {
  return ops.run('Reshape', [x, ops.integers(shape)]);
}

export function transpose(ops: Operations, x: Id, order: readonly number[]): Id {
  return ops.run('Transpose', [x, ops.integers(order)]);
}

/** The first axis backwards. */
export function reverse(ops: Operations, x: Id): Id {
  return ops.run('ReverseV2', [x, ops.integers([0])]);
}

export function zeros(ops: Operations, shape: readonly number[]): Id {
  return ops.run('Fill', [ops.integers(shape), ops.scalar(0)]);
}

/** Sum over all axes but the last. */
export function sumRows(ops: Operations, x: Id): Id {
  return ops.run('BiasAddGrad', [x]);
}
