import type { Translate } from '../../protocol/wording.ts';

/** So many epochs. */
export function epochsText(count: number, t: Translate): string {
  return count === 1 ? t('1 epoch', {}) : t('{count} epochs', { count });
}

/** The setting of early stopping; 0: it is off. */
export function patienceText(patience: number, t: Translate): string {
  if (patience === 0) return t('Early stopping: off', {});
  return patience === 1
    ? t('Early stopping: after 1 epoch without a lower validation loss', {})
    : t('Early stopping: after {count} epochs without a lower validation loss', { count: patience });
}
