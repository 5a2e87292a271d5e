import type { Model } from '../model/model.ts';
import { absentKeys } from '../protocol/recipeRules.ts';
import type { Aims } from '../training/startTraining.ts';
import { openTeacher } from '../training/teacher.ts';
import type { Preparation } from './finetune.ts';
import type { Judge } from './judge.ts';

/** Does something while there is all that a training of the recipe learns from: targets, and the original as a teacher. */
export async function withAims<T>(
  { graph, teaching, reported }: Pick<Preparation, 'graph' | 'teaching' | 'reported'>,
  { parameters }: Pick<Model, 'parameters'>,
  { recipe, engineOptions }: Pick<Judge, 'recipe' | 'engineOptions'>,
  work: (aims: Aims) => Promise<T>,
): Promise<T> {
  const { recovery = absentKeys.recovery } = recipe;
  const teacher = teaching && (await openTeacher(graph, parameters, teaching, engineOptions));
  try {
    return await work({ teacher, loss: recovery === 'unsupervised' ? undefined : reported.loss });
  } finally {
    await teacher?.dispose();
  }
}
