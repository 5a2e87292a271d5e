import { entryOf } from '../../entryOf.ts';
import type { OnnxNode } from '../proto.ts';

/** The numbers that a node puts out, where they are constant and in the order of what it reads. */
export function numbersOfNode(
  node: OnnxNode,
  numbers: (input: string) => readonly number[] | undefined,
  shape: (input: string) => readonly number[] | undefined,
): readonly number[] | undefined {
  if (node.domain !== '') return undefined;
  switch (node.opType) {
    case 'Constant':
      return constantNumbers(node);
    case 'Identity':
    case 'Cast':
    case 'Squeeze':
    case 'Unsqueeze':
    case 'Reshape':
      return numbers(node.inputs[0] ?? '');
    case 'Shape': {
      const { attributes, inputs } = node;
      return shape(inputs[0] ?? '')?.slice(attributes.get('start')?.int, attributes.get('end')?.int);
    }
    case 'Concat': {
      const parts = node.inputs.map(numbers);
      return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
    }
    default:
      return arithmetic(node, numbers);
  }
}

const operations: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
};

/** Of two lists of one length, or a list and one number, as an exporter counts where a gate begins. */
function arithmetic(
  { opType, inputs }: OnnxNode,
  numbers: (input: string) => readonly number[] | undefined,
): readonly number[] | undefined {
  const operation = entryOf(operations, opType);
  const [a, b] = [numbers(inputs[0] ?? ''), numbers(inputs[1] ?? '')];
  if (!operation || !a || !b || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return undefined;
  const length = a.length === 1 ? b.length : a.length;
  return Array.from({ length }, (_, i) => operation(a[a.length === 1 ? 0 : i], b[b.length === 1 ? 0 : i]));
}

function constantNumbers({ attributes }: OnnxNode): readonly number[] | undefined {
  const single = attributes.get('value_int')?.int ?? attributes.get('value_float')?.float;
  if (single !== undefined) return [single];
  const list = attributes.get('value_ints')?.ints ?? attributes.get('value_floats')?.floats;
  return list ?? attributes.get('value')?.tensor?.small;
}
