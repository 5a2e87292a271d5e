/** The bundles are built for it (esbuild.mjs). */
export const leastNode = 22;

/** Whether a version of Node, such as `20.11.1`, is too old to run the command. */
export function isTooOld(version: string): boolean {
  return Number.parseInt(version, 10) < leastNode;
}
