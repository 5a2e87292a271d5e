import type { Cell } from '../../../protocol/report.ts';
import { entryOf } from '../../entryOf.ts';
import { floatsOf, textsOf } from '../attributes.ts';
import type { OnnxNode } from '../proto.ts';
import { cellOf } from './cells.ts';

/** One function of a cell as ONNX names it, with the constants that it goes by. */
export interface CellFunction {
  /** In small letters: ONNX takes any. */
  readonly name: string;
  readonly alpha: number;
  readonly beta: number;
}

/** Constants that a function has where the node says none (the operators of the same names). */
const usual: Record<string, { readonly alpha?: number; readonly beta?: number }> = {
  hardsigmoid: { alpha: 0.2, beta: 0.5 },
  elu: { alpha: 1 },
  leakyrelu: { alpha: 0.01 },
  thresholdedrelu: { alpha: 1 },
  affine: { alpha: 1, beta: 0 },
  scaledtanh: { alpha: 1, beta: 1 },
};
const withoutConstants = new Set(['relu', 'tanh', 'sigmoid', 'softsign', 'softplus']);
const withBeta = new Set(['hardsigmoid', 'affine', 'scaledtanh']);

const defaults: Record<Cell, readonly string[]> = {
  LSTM: ['sigmoid', 'tanh', 'tanh'],
  GRU: ['sigmoid', 'tanh'],
  RNN: ['tanh'],
};

/**
 * The functions of each direction: f, g and h of an LSTM (gates, candidate, output), f and g of a GRU, f of an RNN. Their constants stand
 * one after another in activation_alpha and activation_beta, those of functions that take none left out.
 */
export function cellFunctions(node: OnnxNode, directions: number): CellFunction[][] {
  const own = defaults[cellOf(node) ?? 'RNN'];
  const names = (textsOf(node, 'activations') ?? []).map((name) => name.toLowerCase());
  const stated = names.length > 0 ? names : Array.from({ length: directions }, () => own).flat();
  const alphas = [...(floatsOf(node, 'activation_alpha') ?? [])];
  const betas = [...(floatsOf(node, 'activation_beta') ?? [])];
  const functions = stated.map((name): CellFunction => {
    const constants = entryOf(usual, name) ?? {};
    const alpha = withoutConstants.has(name) ? 0 : (alphas.shift() ?? constants.alpha ?? 0);
    const beta = withBeta.has(name) ? (betas.shift() ?? constants.beta ?? 0) : 0;
    return { name, alpha, beta };
  });
  return Array.from({ length: directions }, (_, d) => functions.slice(d * own.length, (d + 1) * own.length));
}

/** Whether a function maps 0 to 0. */
export function keepsZero({ name, alpha, beta }: CellFunction): boolean {
  if (name === 'affine') return beta === 0;
  if (name === 'thresholdedrelu') return alpha >= 0;
  return ['relu', 'tanh', 'softsign', 'elu', 'leakyrelu', 'scaledtanh'].includes(name);
}
