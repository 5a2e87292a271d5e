import * as vscode from 'vscode';
import { granularitiesOf } from '../../protocol/compatibility.ts';
import { parseBlock, parsePattern } from '../../protocol/patterns.ts';
import type { GranularityName } from '../../protocol/recipe.ts';
import { granularityLabels } from '../../protocol/recipeFacts.ts';
import { granularityTexts } from '../../protocol/recipeTexts.ts';
import { type Choices, fitted } from '../services/choices.ts';
import { type Choice, type Outcome, outcomeOf, pick, runSteps, type Step } from './multiStep.ts';
import { parseCount } from './numberInput.ts';
import { say } from './words.ts';

/**
 * Asks what goes as one, of what the criterion can judge; then for its size, or what becomes of units. Nothing is taken where this is
 * dismissed.
 */
export async function askGranularity(title: string, draft: Choices): Promise<void> {
  const chosen = { ...draft };
  const steps: Step[] = [
    (canGoBack) => granularityStep(title, chosen, canGoBack),
    (canGoBack) => sizeStep(title, chosen, canGoBack),
    (canGoBack) => shrinkStep(title, chosen, canGoBack),
  ];
  if (await runSteps(steps, { backFromFirst: true })) Object.assign(draft, chosen);
}

async function granularityStep(title: string, draft: Choices, canGoBack: boolean): Promise<Outcome> {
  const items: Choice<GranularityName>[] = granularitiesOf[draft.criterion].map((granularity) => {
    const text = granularityTexts[granularity];
    return { label: say(granularityLabels[granularity]), detail: vscode.l10n.t(text), value: granularity };
  });
  const answer = await pick<GranularityName>({
    title,
    canGoBack,
    placeholder: vscode.l10n.t('What goes as one?'),
    items,
    active: items.find(({ value }) => value === draft.granularity),
  });
  return outcomeOf(answer, (granularity) => fitted(draft, { granularity }));
}

/** The sizes of a granularity: some to choose from, and what else may be typed. */
interface Sizes {
  readonly key: 'block' | 'pattern' | 'bank';
  readonly presets: readonly string[];
  readonly placeholder: string;
  readonly wrong: (text: string) => string;
  readonly allows: (text: string) => boolean;
}

function sizesOf(granularity: GranularityName): Sizes | undefined {
  switch (granularity) {
    case 'block':
      return {
        key: 'block',
        presets: ['4x4', '1x4', '4x1', '8x1', '16x1', '8x8', '16x16'],
        placeholder: vscode.l10n.t('Rows × columns of a block: choose, or type such as 4x4'),
        wrong: (text) => vscode.l10n.t('"{text}" is no size of a block, such as 4x4', { text }),
        allows: (text) => parseBlock(text) !== undefined,
      };
    case 'n:m':
      return {
        key: 'pattern',
        presets: ['2:4', '1:4', '4:8', '1:2'],
        placeholder: vscode.l10n.t('How many weights are kept of how many: choose, or type such as 2:4'),
        wrong: (text) => vscode.l10n.t('"{text}" is no pattern, such as 2:4', { text }),
        allows: (text) => parsePattern(text) !== undefined,
      };
    case 'bank':
      return {
        key: 'bank',
        presets: ['8', '16', '32', '64'],
        placeholder: vscode.l10n.t('Weights of a bank: choose, or type a number'),
        wrong: (text) => vscode.l10n.t('"{text}" is no whole number from 2 on', { text }),
        allows: (text) => (parseCount(text) ?? 0) >= 2,
      };
    default:
      return undefined;
  }
}

async function sizeStep(title: string, draft: Choices, canGoBack: boolean): Promise<Outcome> {
  const sizes = sizesOf(draft.granularity);
  if (!sizes) return 'passed';
  const { key, presets, placeholder, wrong, allows } = sizes;
  const item = (size: string): Choice<string> => ({ label: size, value: size });
  const items = [...new Set([...presets, String(draft[key])])].map(item);
  const answer = await pick<string>({
    title,
    canGoBack,
    placeholder,
    items,
    active: items.find(({ value }) => value === String(draft[key])),
    typed: (text) => (allows(text) ? item(text) : { label: wrong(text) }),
  });
  return outcomeOf(answer, (size) => {
    if (key === 'bank') draft.bank = Number(size);
    else draft[key] = size;
  });
}

async function shrinkStep(title: string, draft: Choices, canGoBack: boolean): Promise<Outcome> {
  if (draft.granularity !== 'unit') return 'passed';
  const items: Choice<'shrink' | 'keep'>[] = [
    {
      label: vscode.l10n.t('Remove pruned units from the file'),
      detail: vscode.l10n.t('Every layer that reads them becomes smaller too; the file really shrinks.'),
      value: 'shrink',
    },
    {
      label: vscode.l10n.t('Set pruned units to zero'),
      detail: vscode.l10n.t('All layers keep their sizes.'),
      value: 'keep',
    },
  ];
  const answer = await pick<'shrink' | 'keep'>({
    title,
    canGoBack,
    placeholder: vscode.l10n.t('What becomes of pruned units?'),
    items,
    active: items[draft.shrink ? 0 : 1],
  });
  return outcomeOf(answer, (value) => {
    draft.shrink = value === 'shrink';
  });
}
