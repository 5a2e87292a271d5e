import module from 'node:module';
import { isTooOld, leastNode } from './nodeVersion.ts';

const { node } = process.versions;
// What older ones lack fails somewhere in the midst of a job, so nothing that needs it is loaded.
if (isTooOld(node)) {
  const { readerLanguage } = await import('./language.ts');
  const { t } = readerLanguage(process.env);
  const text = t('LSTM Pruner needs Node {least} or later, and this is Node {found}.', {
    least: leastNode,
    found: node,
  });
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
} else {
  // Node keeps what it has compiled of the command, from one run to the next: else that takes as long as a small model's inspection.
  module.enableCompileCache?.();
  await import('./command.ts');
}
