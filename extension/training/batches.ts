/** Batches are cut so that one takes about this long: others wait no longer for an answer, or a cancel to be obeyed. */
const aim = { least: 100, most: 400 };

/**
 * Works through `count` samples in order, at most `largest` at a time; fewer at first and where a batch takes long. What
 * is computed of a sample does not depend on the others of its batch.
 * @param step called before each batch with the share that is done; throws to stop
 * @param clock milliseconds
 */
export async function inBatches(
  count: number,
  largest: number,
  step: ((done: number) => Promise<void>) | undefined,
  compute: (from: number, to: number) => Promise<void>,
  clock = () => performance.now(),
): Promise<void> {
  let size = 1;
  for (let from = 0; from < count; ) {
    await step?.(from / count);
    const to = Math.min(from + Math.max(1, size), count);
    const start = clock();
    await compute(from, to);
    const milliseconds = clock() - start;
    if (milliseconds < aim.least) size = Math.min(2 * size, largest);
    else if (milliseconds > aim.most) size = Math.ceil(size / 2);
    from = to;
  }
}
