import type { EngineChoice } from '../protocol/recipe.ts';
import type { Surroundings } from '../protocol/requests.ts';

/** Which engine a job computes with. */
export function engineOptions({ engine, threads }: EngineChoice, { tensorflow }: Surroundings) {
  return {
    ...(engine !== undefined && { engine }),
    ...(threads !== undefined && { threads }),
    ...(tensorflow !== undefined && { tensorflow }),
  };
}
