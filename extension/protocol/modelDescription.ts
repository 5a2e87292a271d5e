import { basename, dirname, join } from 'node:path';
import type { Message } from './messages.ts';
import { UserError } from './userError.ts';
import {
  anyNumber,
  belowOne,
  fromZero,
  invalidValue,
  oneOf,
  text,
  type ValueCheck,
  whole,
  wholeOrSame,
} from './valueChecks.ts';

/**
 * A list of named weights does not say how its layers are connected. A file beside it can: `model.lstmprune-model.json` beside
 * `model.safetensors`, `{ "layers": [{ "embedding": "emb" }, { "lstm": "rnn" }, "last", { "linear": "fc" }, "softmax"] }`.
 */
export const descriptionEnding = '.lstmprune-model.json';

/** What may be done to the steps of a sequence. */
export const stepsWords = ['last', 'final', 'mean', 'max', 'all'] as const;
const activationWords = [
  'relu',
  'tanh',
  'sigmoid',
  'softmax',
  'logSoftmax',
  'gelu',
  'elu',
  'selu',
  'silu',
  'leakyRelu',
  'softplus',
] as const;
export type DescribedWord = (typeof stepsWords)[number] | (typeof activationWords)[number];
export const describedWords: readonly DescribedWord[] = [...stepsWords, ...activationWords];

export const recurrentKinds = ['lstm', 'gru', 'rnn'] as const;
export const describedKinds = [
  'embedding',
  ...recurrentKinds,
  'linear',
  'conv1d',
  'batchNorm',
  'layerNorm',
] as const;
export type DescribedKind = (typeof describedKinds)[number];

/** A module with weights, by its name in the file. */
export interface DescribedModule {
  readonly kind: DescribedKind;
  readonly name: string;
  /** Of an rnn. Default: tanh. */
  readonly nonlinearity?: 'tanh' | 'relu';
  /** Share dropped between the layers of one recurrent module while training. Default: 0. */
  readonly dropout?: number;
  /** Of batchNorm and layerNorm. Default: 1e-5. */
  readonly epsilon?: number;
  /**
   * Of the first layer: the token, or the features, of steps that only fill up shorter sequences, at their ends. Default: there are none.
   * Of conv1d instead the steps of 0 before the first and behind the last one, `same`: as many steps come out. Default: 0.
   */
  readonly padding?: number | 'same';
  /** Of conv1d. Default: 1. */
  readonly stride?: number;
  readonly dilation?: number;
  readonly groups?: number;
}

/** Steps that are summed up by windows of so many; as far from each other, where nothing else is said. */
type WindowOptions = { readonly stride?: number; readonly padding?: number };
export type PoolLayer =
  | ({ readonly maxPool: number } & WindowOptions)
  | ({ readonly averagePool: number } & WindowOptions);

/** One step alone, or those from one to before another, counted from 0, or from the end where they are below it. */
export type PickLayer = { readonly step: number } | { readonly from: number; readonly to?: number };

/** Without weights, but with a number: the share dropped while training, the slope below 0, steps or those of a window. */
export type PlainLayer =
  | { readonly dropout: number }
  | { readonly leakyRelu: number }
  | PoolLayer
  | PickLayer;

export type DescribedLayer = DescribedWord | PlainLayer | DescribedModule;

/** Steps of a window, and places of steps; more would be a mistake. */
const mostSteps = 10_000;
const fromOne = whole(1, mostSteps);
const anyStep = whole(-mostSteps, mostSteps);
const pooling = { stride: fromOne, padding: whole(0, mostSteps) };

/** What may stand under each key of a layer without weights, its own number first. */
export const plainLayers: Readonly<Record<string, Readonly<Record<string, ValueCheck>>>> = {
  dropout: { dropout: belowOne },
  leakyRelu: { leakyRelu: fromZero },
  maxPool: { maxPool: fromOne, ...pooling },
  averagePool: { averagePool: fromOne, ...pooling },
  step: { step: anyStep },
  from: { from: anyStep, to: anyStep },
};

/** What else may stand beside a module's name. */
export const moduleOptions: Readonly<Record<DescribedKind, Readonly<Record<string, ValueCheck>>>> = {
  embedding: { padding: whole(0) },
  lstm: { dropout: belowOne, padding: anyNumber },
  gru: { dropout: belowOne, padding: anyNumber },
  rnn: { dropout: belowOne, nonlinearity: oneOf(['tanh', 'relu']), padding: anyNumber },
  linear: { padding: anyNumber },
  conv1d: {
    stride: fromOne,
    padding: wholeOrSame(0, mostSteps),
    dilation: fromOne,
    groups: whole(1),
  },
  batchNorm: { epsilon: fromZero, padding: anyNumber },
  layerNorm: { epsilon: fromZero, padding: anyNumber },
};

/**
 * Where the description of a model may stand, the nearest first: beside it, or where it was pruned, beside the original, of which the same
 * is true.
 */
export function descriptionFiles(stem: string): string[] {
  const names = [basename(stem)];
  for (;;) {
    const original = (names.at(-1) as string).replace(/\.pruned(-\d+)?$/, '');
    if (original === names.at(-1)) break;
    names.push(original);
  }
  return names.map((name) => join(dirname(stem), `${name}${descriptionEnding}`));
}

/** The layers that a description lists. Throws descriptionInvalid naming what is wrong. */
export function parseDescription(content: string, file: string): DescribedLayer[] {
  try {
    return layersIn(JSON.parse(content));
  } catch (error) {
    if (error instanceof UserError) throw invalidDescription(file, error.info);
    throw new UserError('descriptionInvalid', { file, reason: (error as Error).message });
  }
}

export function invalidDescription(file: string, cause: Message): UserError {
  return new UserError('descriptionInvalid', { file }, cause);
}

function layersIn(value: unknown): DescribedLayer[] {
  if (!isObject(value)) throw new UserError('reasonNoObject');
  const { $schema: _, layers, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new UserError('reasonKey', { key: unknown, keys: ['layers'] });
  if (!Array.isArray(layers) || layers.length === 0) throw new UserError('reasonNoLayerList');
  return layers.map((layer, i) => describedLayer(layer, `layers[${i}]`));
}

function describedLayer(value: unknown, place: string): DescribedLayer {
  const word = describedWords.find((known) => known === value);
  if (word !== undefined) return word;
  if (!isObject(value)) throw invalidValue(place, value, describedWords);
  const kind = describedKinds.find((known) => Object.hasOwn(value, known));
  const plain = Object.keys(plainLayers).find((known) => Object.hasOwn(value, known));
  if (kind === undefined && plain === undefined)
    throw invalidValue(place, value, [...describedKinds, ...Object.keys(plainLayers)]);
  const allowed = kind === undefined ? plainLayers[plain ?? ''] : { [kind]: text, ...moduleOptions[kind] };
  for (const [key, own] of Object.entries(value)) {
    const check: ValueCheck | undefined = Object.hasOwn(allowed, key) ? allowed[key] : undefined;
    if (!check) throw new UserError('reasonKey', { key: `${place}.${key}`, keys: Object.keys(allowed) });
    if (!check.allows(own)) throw invalidValue(`${place}.${key}`, own, check.expected);
  }
  if (kind === undefined) return value as unknown as PlainLayer;
  const { [kind]: name, ...options } = value;
  return { kind, name: name as string, ...options };
}

/** The text of a file that lists these layers: one a line, since lines are what is moved, added and taken out. */
export function descriptionText(layers: readonly DescribedLayer[]): string {
  return `{\n  "layers": [\n${layers.map((layer) => `    ${layerText(layer)}`).join(',\n')}\n  ]\n}\n`;
}

/** The same on one line, for a sentence. */
export function descriptionLine(layers: readonly DescribedLayer[]): string {
  return `{ "layers": [${layers.map(layerText).join(', ')}] }`;
}

/** A layer as it stands in a file. */
export function layerText(layer: DescribedLayer): string {
  if (typeof layer === 'string') return JSON.stringify(layer);
  const entries = Object.entries(layerJson(layer));
  return `{ ${entries.map((entry) => entry.map((part) => JSON.stringify(part)).join(': ')).join(', ')} }`;
}

function layerJson(layer: PlainLayer | DescribedModule): object {
  if (!('kind' in layer)) return layer;
  const { kind, name, ...options } = layer;
  return { [kind]: name, ...options };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
