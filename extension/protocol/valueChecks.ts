import type { Message } from './messages.ts';
import { blockText, parseBlock, parsePattern, patternText } from './patterns.ts';
import { UserError } from './userError.ts';

/** A JSON schema, draft 7, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Whether a value may stand under a key; else what should stand there. */
export interface ValueCheck {
  readonly expected: readonly string[] | Message;
  /** The same for whoever reads a recipe as a file. */
  readonly schema: JsonSchema;
  allows(value: unknown): boolean;
}

export const text: ValueCheck = {
  expected: { code: 'expectedText', args: {} },
  schema: { type: 'string' },
  allows: (value) => typeof value === 'string',
};

export const onOrOff: ValueCheck = {
  expected: { code: 'expectedSwitch', args: {} },
  schema: { type: 'boolean' },
  allows: (value) => typeof value === 'boolean',
};

export const share: ValueCheck = {
  expected: { code: 'expectedShare', args: {} },
  schema: { type: 'number', minimum: 0, maximum: 1 },
  allows: (value) => isNumber(value) && value >= 0 && value <= 1,
};

export const anyNumber: ValueCheck = {
  expected: { code: 'expectedNumber', args: {} },
  schema: { type: 'number' },
  allows: isNumber,
};

export const fromZero: ValueCheck = {
  expected: { code: 'expectedNumberFrom', args: { low: 0 } },
  schema: { type: 'number', minimum: 0 },
  allows: (value) => isNumber(value) && value >= 0,
};

export const aboveZero: ValueCheck = {
  expected: { code: 'expectedNumberAbove', args: { low: 0 } },
  schema: { type: 'number', exclusiveMinimum: 0 },
  allows: (value) => isNumber(value) && value > 0,
};

/** A moment of 1 would never forget. */
export const belowOne: ValueCheck = {
  expected: { code: 'expectedNumberBelow', args: { low: 0, high: 1 } },
  schema: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
  allows: (value) => isNumber(value) && value >= 0 && value < 1,
};

export const blockSize: ValueCheck = {
  expected: { code: 'expectedBlock', args: {} },
  schema: { type: 'string', pattern: blockText.source, examples: ['4x4', '1x4', '8x1', '16x1'] },
  allows: (value) => typeof value === 'string' && parseBlock(value) !== undefined,
};

export const nmPattern: ValueCheck = {
  expected: { code: 'expectedPattern', args: {} },
  schema: { type: 'string', pattern: patternText.source, examples: ['2:4', '1:4', '4:8'] },
  allows: (value) => typeof value === 'string' && parsePattern(value) !== undefined,
};

export function oneOf(valid: readonly string[]): ValueCheck {
  return {
    expected: valid,
    schema: { type: 'string', enum: valid },
    allows: (value) => valid.some((one) => one === value),
  };
}

export function whole(low: number, high?: number): ValueCheck {
  return {
    expected:
      high === undefined
        ? { code: 'expectedWhole', args: { low } }
        : { code: 'expectedWholeBetween', args: { low, high } },
    schema: { type: 'integer', minimum: low, maximum: high ?? Number.MAX_SAFE_INTEGER },
    allows: (value) =>
      Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= (high ?? Infinity),
  };
}

/** `same`, or a whole number. */
export function wholeOrSame(low: number, high: number): ValueCheck {
  const number = whole(low, high);
  return {
    expected: { code: 'expectedWholeOrSame', args: { low, high } },
    schema: { anyOf: [number.schema, { const: 'same' }] },
    allows: (value) => value === 'same' || number.allows(value),
  };
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

export function invalidValue(option: string, value: unknown, expected: ValueCheck['expected']): UserError {
  const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return new UserError('invalidValue', { option, value: shown, expected });
}
