import type { Message } from '../../../protocol/messages.ts';
import { UserError } from '../../../protocol/userError.ts';
import type { OnnxNode } from '../proto.ts';
import { nameOf } from '../recurrent/found.ts';

/** The operator with its domain where it is not ONNX' own. */
export function operatorOf({ domain, opType }: OnnxNode): string {
  return domain === '' ? opType : `${domain}.${opType}`;
}

/** Something about a node that our graph cannot say. */
export function refused(node: OnnxNode, reason: Message): UserError {
  return new UserError('operatorUseUnsupported', { node: nameOf(node), operator: operatorOf(node) }, reason);
}

/** A Scan does what no recurrent cell does. */
export function noCell(node: OnnxNode): UserError {
  return refused(node, { code: 'reasonNoCell', args: {} });
}

/** The batch has another axis in a graph input than was supposed: that one, or none. */
export class BatchElsewhere extends Error {
  readonly input: string;
  readonly axis: number | undefined;

  constructor(input: string, axis: number | undefined) {
    super(`the batch of ${input} is axis ${axis}`);
    this.input = input;
    this.axis = axis;
  }
}

/** A free length must be a certain one, as what an exporter has written out as a number elsewhere fits no other. */
export class LengthImplied extends Error {
  readonly length: string;
  readonly count: number;
  /** What stands against a model whose lengths cannot be set. */
  readonly refusal: UserError;

  constructor(length: string, count: number, refusal: UserError) {
    super(`${length} is ${count}`);
    this.length = length;
    this.count = count;
    this.refusal = refusal;
  }
}
