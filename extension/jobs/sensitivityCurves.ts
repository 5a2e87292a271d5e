import type { Evidence } from '../model/evidence.ts';
import {
  areaOf,
  harmlessUpTo,
  type MeasuredLoss,
  type SensitivityCurve,
  type SensitivityPoint,
  type SensitivityReport,
} from '../protocol/sensitivity.ts';
import { messageOf } from '../protocol/userError.ts';
import { withPlan } from '../pruning/masks.ts';
import { parametersOf } from '../pruning/plan.ts';
import type { LossSession } from '../training/lossSession.ts';
import type { SensitivityPart } from './sensitivityParts.ts';
import type { StageStep } from './stages.ts';

/** What is pruned, by what evidence, and how the loss is measured. */
export interface Measuring {
  readonly file: string;
  readonly evidence: Evidence;
  readonly batch: number | undefined;
  readonly step: StageStep;
}

/**
 * The loss of the model as it is, and with each part pruned to each level alone. Throws lossNotFinite where it is not finite of the model
 * as it is.
 */
export async function curvesOf(
  parts: readonly SensitivityPart[],
  levels: readonly number[],
  losses: LossSession,
  { file, evidence, batch, step }: Measuring,
): Promise<Pick<SensitivityReport, 'baseline' | 'lossName' | 'curves'>> {
  const start = performance.now();
  const total = 1 + parts.length * levels.length;
  let measured = 0;
  const measure = async () => {
    const report = await losses.measure({
      batch,
      step: (share) => {
        const done = (measured + share) / total;
        const seconds = (performance.now() - start) / 1000;
        // The first one still warms up.
        return step('sensitivity', done, undefined, measured > 0 ? (seconds / done) * (1 - done) : undefined);
      },
    });
    return report;
  };
  const { loss: baseline, lossName } = await measure();
  measured++;
  const curves: SensitivityCurve[] = [];
  for (const { planAt, ...place } of parts) {
    const points: SensitivityPoint[] = [{ sparsity: 0, loss: baseline }];
    for (const sparsity of levels) {
      const plan = planAt(sparsity);
      const loss = await withPlan(plan, { file, evidence }, async (unreached) => {
        // It is sparser than that, so the model is what it was.
        if (unreached.length > 0) return baseline;
        await losses.change(parametersOf(plan));
        return await finiteLoss(measure());
      });
      measured++;
      points.push({ sparsity, loss });
    }
    curves.push({ ...place, points, area: areaOf(points), harmless: harmlessUpTo(points) });
  }
  await losses.change([]);
  return { baseline, lossName, curves };
}

/** What makes one pruned model useless says something of that part, and nothing of the others. */
async function finiteLoss(measured: Promise<{ loss: number }>): Promise<MeasuredLoss> {
  try {
    return (await measured).loss;
  } catch (error) {
    if (messageOf(error).code === 'lossNotFinite') return null;
    throw error;
  }
}
