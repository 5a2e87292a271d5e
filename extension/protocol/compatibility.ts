import type { CriterionName, GranularityName, ScopeName } from './recipe.ts';

/** What each criterion can judge: most judge any group of weights, some only hidden units, inputs or single weights. */
export const granularitiesOf: Readonly<Record<CriterionName, readonly GranularityName[]>> = {
  magnitude: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit'],
  threshold: ['weight'],
  l1: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit'],
  l2: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit'],
  gradient: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit'],
  taylor: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit'],
  fisher: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit'],
  movement: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit'],
  wanda: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit'],
  activation: ['unit'],
  'activation-variance': ['unit'],
  apoz: ['unit'],
  'input-importance': ['column'],
  random: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit'],
};

/** Over what the groups of a granularity can compete, the default first. None: every row has a target of its own. */
export const scopesOf: Readonly<Record<GranularityName, readonly ScopeName[]>> = {
  weight: ['layer', 'gate', 'matrix', 'global'],
  block: ['layer', 'gate', 'matrix', 'global'],
  'n:m': [],
  bank: [],
  row: ['layer', 'gate', 'matrix', 'global'],
  column: ['matrix', 'layer', 'global'],
  unit: ['layer', 'global'],
};
