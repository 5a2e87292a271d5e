import type { CriterionName } from '../../protocol/recipe.ts';
import { activation } from './activation.ts';
import { activationVariance } from './activationVariance.ts';
import { apoz } from './apoz.ts';
import type { Criterion } from './criterion.ts';
import { fisher } from './fisher.ts';
import { gradient } from './gradient.ts';
import { inputImportance } from './inputImportance.ts';
import { l1 } from './l1.ts';
import { l2 } from './l2.ts';
import { magnitude } from './magnitude.ts';
import { movement } from './movement.ts';
import { random } from './random.ts';
import { taylor } from './taylor.ts';
import { threshold } from './threshold.ts';
import { wanda } from './wanda.ts';

export const criteriaByName: Readonly<Record<CriterionName, Criterion>> = {
  magnitude,
  threshold,
  l1,
  l2,
  gradient,
  taylor,
  fisher,
  movement,
  wanda,
  activation,
  'activation-variance': activationVariance,
  apoz,
  'input-importance': inputImportance,
  random,
};
