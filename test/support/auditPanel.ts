import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Workbench } from './workbench.ts';

/** What axe finds in the panel's page. */
export async function auditPanel(window: Workbench): Promise<AxeResults> {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const body = window.panel.locator('body');
  await body.evaluate(axe);
  return body.evaluate(() => (globalThis as unknown as { axe: typeof import('axe-core') }).axe.run('main'));
}
