import {
  type CriterionName,
  type GranularityName,
  type ScheduleName,
  type ScopeName,
  schedules,
} from './recipe.ts';

/** What each criterion can judge: most judge any group of weights, some only hidden units, inputs or single weights. */
export const granularitiesOf: Readonly<Record<CriterionName, readonly GranularityName[]>> = {
  magnitude: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit', 'layer'],
  threshold: ['weight'],
  l1: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit', 'layer'],
  l2: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit', 'layer'],
  gradient: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit', 'layer'],
  taylor: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit', 'layer'],
  fisher: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit', 'layer'],
  movement: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit'],
  wanda: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit', 'layer'],
  activation: ['unit'],
  'activation-variance': ['unit'],
  apoz: ['unit'],
  'input-importance': ['column'],
  random: ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit', 'layer'],
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
  layer: ['global'],
};

/**
 * When what a criterion judges can be pruned. A threshold is no target that one could go towards; movement is known only once some steps
 * were taken.
 */
export const schedulesOf: Readonly<Record<CriterionName, readonly ScheduleName[]>> = {
  magnitude: schedules,
  threshold: ['oneshot', 'constant', 'epoch'],
  l1: schedules,
  l2: schedules,
  gradient: schedules,
  taylor: schedules,
  fisher: schedules,
  movement: ['polynomial', 'epoch'],
  wanda: schedules,
  activation: schedules,
  'activation-variance': schedules,
  apoz: schedules,
  'input-importance': schedules,
  random: schedules,
};

/** Rows that have a target of their own exchange nothing, and a unit that is gone has no gradient to come back by. */
const withoutRegrowth = ['oneshot', 'constant', 'polynomial', 'iterative', 'epoch'] as const;

/** When groups of a granularity can be pruned. */
export const schedulesFor: Readonly<Record<GranularityName, readonly ScheduleName[]>> = {
  weight: schedules,
  block: schedules,
  'n:m': withoutRegrowth,
  bank: withoutRegrowth,
  row: schedules,
  column: schedules,
  unit: withoutRegrowth,
  // What has left the model cannot be trained on the way.
  layer: ['oneshot'],
};

/** What each criterion judges by, beside the weights: data, or how training moves them. */
export const criterionNeeds: Readonly<Record<CriterionName, 'weights' | 'data' | 'training'>> = {
  magnitude: 'weights',
  threshold: 'weights',
  l1: 'weights',
  l2: 'weights',
  gradient: 'data',
  taylor: 'data',
  fisher: 'data',
  movement: 'training',
  wanda: 'data',
  activation: 'data',
  'activation-variance': 'data',
  apoz: 'data',
  'input-importance': 'data',
  random: 'weights',
};

/** Criteria that judge by what a model computes on its inputs, whatever should come out. */
export const judgeInputsAlone: readonly CriterionName[] = [
  'wanda',
  'activation',
  'activation-variance',
  'apoz',
];
