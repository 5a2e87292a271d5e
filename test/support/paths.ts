import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const fromRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The repository. */
export const root = fromRoot('.');
/** Ignored by git; installed tools, logs and screenshots. */
export const cache = fromRoot('.cache');
/** Reference models and data beside the repository, read only; not everyone has them. */
export const shared = fromRoot('../shared');
/** The `skip` of a test that needs them: false, or the reason. */
export const withoutShared = existsSync(shared) ? false : '../shared is not there';
/** Pictures taken by tests, of what they saw when they failed and of what is worth a look. */
export const screenshots = fromRoot('.cache/screenshots');
