/** How the loss rises as one gate's matrix is pruned by itself. */
export interface SensitivityCurve {
  readonly name: string;
  /** Number of weights. */
  readonly size: number;
  /** Ascending sparsities, the first 0 with the loss of the unpruned model. */
  readonly points: readonly CurvePoint[];
}

interface CurvePoint {
  readonly sparsity: number;
  readonly loss: number;
}

/** A stretch of a curve, at whose end so many more weights are gone and the loss is so much higher for each of them. */
interface Stretch {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly size: number;
  readonly slope: number;
}

/**
 * Share of the unpruned loss that losing all but 1/e of the weights costs even where the curves see no loss at all. Curves are measured one
 * gate at a time and on few samples; without this an insensitive gate would be emptied before any other lost a weight.
 */
const caution = 0.02;

/**
 * Divides an overall sparsity among gates so that the sum of their losses is least, as if the losses of pruning each alone added up:
 * weights go where the next one costs least (a fractional knapsack over the lower convex hulls of the curves, which is exact).
 * @returns a sparsity for each name; their mean over all weights is `sparsity`, or the most that the curves reach
 */
export function allocate(curves: readonly SensitivityCurve[], sparsity: number): Map<string, number> {
  const all = curves.reduce((sum, { size }) => sum + size, 0);
  const shares = new Map(curves.map(({ name }) => [name, 0]));
  const stretches = curves.flatMap((curve) => stretchesOf(curve, all));
  let left = sparsity * all;
  for (const { name, from, to, size } of stretches.sort((a, b) => a.slope - b.slope)) {
    const whole = size * (to - from);
    const share = Math.min(1, left / whole);
    shares.set(name, from + share * (to - from));
    left -= share * whole;
    if (left <= 0) break;
  }
  return shares;
}

/** The lower convex hull of a curve, in whose order of slopes its stretches must be taken. */
function stretchesOf({ name, size, points }: SensitivityCurve, all: number): Stretch[] {
  const hull: CurvePoint[] = [];
  for (const point of cautious(points, size / all)) {
    while (
      hull.length > 1 &&
      slope(hull[hull.length - 2], point) <= slope(hull[hull.length - 2], hull[hull.length - 1])
    )
      hull.pop();
    hull.push(point);
  }
  return hull.slice(1).map((end, i) => ({
    name,
    from: hull[i].sparsity,
    to: end.sparsity,
    size,
    slope: slope(hull[i], end) / size,
  }));
}

/** The curve as it never falls, with what caution adds. */
function cautious(points: readonly CurvePoint[], share: number): CurvePoint[] {
  const [{ loss: unpruned }] = points;
  let highest = unpruned;
  return points.map(({ sparsity, loss }) => {
    highest = Math.max(highest, loss);
    return {
      sparsity,
      loss: highest - caution * Math.abs(unpruned) * share * Math.log(1 - Math.min(sparsity, 0.999)),
    };
  });
}

function slope(from: CurvePoint, to: CurvePoint): number {
  return (to.loss - from.loss) / (to.sparsity - from.sparsity);
}
