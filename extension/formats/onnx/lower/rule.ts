import type { OnnxNode } from '../proto.ts';
import type { Lowering } from './lowering.ts';

/** Lowers one node: sets what it puts out. Throws `UserError` where our graph cannot say it. */
export type Rule = (lowering: Lowering, node: OnnxNode) => void | Promise<void>;
