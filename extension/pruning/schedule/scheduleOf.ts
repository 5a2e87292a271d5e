import type { ScheduleOptions } from '../../protocol/recipe.ts';
import { absentKeys } from '../../protocol/recipeRules.ts';
import { checkWithin } from '../../protocol/scheduleChecks.ts';
import { constant } from './constant.ts';
import { epochEnds } from './epoch.ts';
import { iterative } from './iterative.ts';
import { polynomial } from './polynomial.ts';
import { rigl } from './rigl.ts';
import type { Schedule, Timeline } from './schedule.ts';
import type { TurnSettings } from './turns.ts';

/** Zhu and Gupta's. */
const defaultPower = 3;
const defaultRounds = 5;
/** Evci et al.'s, as the length of their training with exchanges. */
const defaultDropFraction = 0.3;
const exchangeShare = 3 / 4;
/** So that the second half of a training is left to recover in. */
const rampShare = 1 / 2;
/** A ramp has at least so many changes, where it has so many steps. */
const leastChanges = 20;
/** tfmot's frequency. */
const longestFrequency = 100;

/**
 * A schedule with every default filled in, as a training of this length takes them: what a recipe needs to have to give the same again. Its
 * values were checked. Throws invalidValue where it does not fit into the training.
 */
export function completeSchedule(options: ScheduleOptions, timeline: Timeline): ScheduleOptions {
  const { schedule = absentKeys.schedule, initialSparsity, power = defaultPower } = options;
  const initial = initialSparsity === undefined ? {} : { initialSparsity };
  switch (schedule) {
    case 'oneshot':
      return { schedule };
    case 'constant':
      return { schedule, ...turnsOf(options, timeline, rampShare) };
    case 'polynomial':
      return { schedule, ...initial, ...turnsOf(options, timeline, rampShare), power };
    case 'iterative': {
      const { rounds = Math.min(defaultRounds, timeline.epochs), rewind = 'none' } = options;
      return { schedule, ...initial, rounds, rewind };
    }
    case 'rigl': {
      const { dropFraction = defaultDropFraction } = options;
      const ramp = initialSparsity === undefined ? {} : { initialSparsity, power };
      return { schedule, ...turnsOf(options, timeline, exchangeShare), ...ramp, dropFraction };
    }
    case 'epoch':
      return { schedule, ...initial };
  }
}

/** The schedule of a training; undefined where all goes before it. Throws as `completeSchedule`. */
export function scheduleOf(options: ScheduleOptions, timeline: Timeline): Schedule | undefined {
  const complete = completeSchedule(options, timeline);
  const { initialSparsity = 0, begin = 0, end = 0, frequency = 1, power = defaultPower } = complete;
  const turns: TurnSettings = { begin, end, frequency };
  switch (complete.schedule) {
    case 'constant':
      return constant(turns);
    case 'polynomial':
      return polynomial({ ...turns, initialSparsity, power });
    case 'iterative': {
      const { rounds = 1, rewind = 'none' } = complete;
      return iterative({ initialSparsity, rounds, rewind }, timeline);
    }
    case 'rigl': {
      const { dropFraction = defaultDropFraction } = complete;
      return rigl({ ...turns, initialSparsity: complete.initialSparsity, power, dropFraction });
    }
    case 'epoch':
      return epochEnds({ initialSparsity }, timeline);
    default:
      return undefined;
  }
}

/** @param part of the steps behind `begin` after which the changes end */
function turnsOf(
  { begin = 0, end, frequency }: ScheduleOptions,
  { epochs, stepsPerEpoch }: Timeline,
  part: number,
): TurnSettings {
  const steps = epochs * stepsPerEpoch;
  checkWithin('begin', begin, 0, steps - 1);
  checkWithin('end', end, begin, steps - 1);
  const last = end ?? begin + Math.floor((steps - begin) * part);
  const usual = Math.min(longestFrequency, Math.max(1, Math.floor((last - begin) / leastChanges)));
  return { begin, end: last, frequency: frequency ?? usual };
}
