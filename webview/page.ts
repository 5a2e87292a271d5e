import { layerRows } from '../extension/protocol/comparison.ts';
import { listOf, splitLabels } from '../extension/protocol/labels.ts';
import {
  evaluationMeasures,
  type Measure,
  measuresOf,
  sensitivityMeasures,
} from '../extension/protocol/measures.ts';
import type { PanelContent, ResultContent } from '../extension/protocol/panel.ts';
import { recipeFacts } from '../extension/protocol/recipeFacts.ts';
import type { DataSummary, InspectReport } from '../extension/protocol/report.ts';
import { cards } from './cards.ts';
import type { Drawing } from './context.ts';
import { details } from './details.ts';
import { type Child, element } from './dom.ts';
import { finetuneSection } from './finetuneSection.ts';
import { type LayerSection, layerSection } from './layerSection.ts';
import { searchFigures, searchSections } from './searchSections.ts';
import { sensitivitySections } from './sensitivitySections.ts';
import { controlSection, includedSection, unitsSection } from './weightSections.ts';

export interface PageOptions {
  readonly drawing: Drawing;
  readonly actions: HTMLElement | undefined;
  /** A button that saves the recipe of a trial. */
  readonly recipeButton: (trial: number) => HTMLElement;
  readonly closedLayers: ReadonlySet<string>;
  readonly onToggle: (layer: string, open: boolean) => void;
}

export interface Page {
  readonly root: HTMLElement;
  readonly layers: ReadonlyMap<string, LayerSection>;
}

/** Draws a content: what it is about, its figures, notes, and layer by layer the gates. */
export function drawPage(content: PanelContent, options: PageOptions): Page {
  const { drawing, actions } = options;
  const { say } = drawing;
  if (content.kind === 'error') {
    const line = element('p', { class: 'message error', role: 'alert' }, content.text);
    return { root: element('main', {}, heading(content.name), line), layers: new Map() };
  }
  const layers = layersOf(content, options);
  const root = element(
    'main',
    {},
    element('header', {}, heading(titleOf(content)), facts(content, drawing), actions),
    ...figures(content, drawing),
    notes(content.notes, say('notes')),
    ...(content.kind === 'result' ? resultSections(content, drawing) : []),
    ...(content.kind === 'search' ? searchSections(content, options) : []),
    ...(content.kind === 'sensitivity' ? sensitivitySections(content, drawing) : []),
    ...layers.drawn,
  );
  return { root, layers: layers.sections };
}

function resultSections(content: ResultContent, drawing: Drawing): Child[] {
  return [
    finetuneSection(content.report, drawing),
    controlSection(content, drawing),
    unitsSection(content, drawing),
    includedSection(content, drawing),
  ];
}

function heading(name: string): HTMLElement {
  return element('h1', {}, name);
}

function titleOf(content: Exclude<PanelContent, { kind: 'error' }>): string {
  return content.kind === 'result' || content.kind === 'search' ? content.outputName : content.name;
}

function modelOf(content: PanelContent): InspectReport | undefined {
  if (content.kind === 'gates') return content.report;
  if (content.kind === 'result') return content.report.after;
  if (content.kind === 'search') return content.inspect?.after;
  return content.kind === 'evaluation' ? content.inspect : undefined;
}

/** The models before and after, of a content that tells what became of one. */
function comparedModels(content: PanelContent): { before: InspectReport; after: InspectReport } | undefined {
  if (content.kind === 'result') return content.report;
  return content.kind === 'search' ? content.inspect : undefined;
}

function facts(content: PanelContent, { say, numbers }: Drawing): HTMLElement | undefined {
  const model = modelOf(content);
  if (!model) return undefined;
  const parts = [
    model.format,
    numbers.bytes(model.bytes),
    say('parameterCount', { count: numbers.count(model.parameters) }),
  ];
  return element('p', { class: 'facts' }, parts.join(' · '));
}

function figures(content: PanelContent, drawing: Drawing): Child[] {
  const { say, numbers } = drawing;
  if (content.kind === 'result') {
    const { report, places } = content;
    const data = report.data && [places.data ?? report.data.file, ...partOf(report.data, drawing)];
    return [
      cards(measuresOf(report), drawing),
      details([
        [say('output'), places.output],
        [say('model'), places.model],
        [say('data'), data && listOf(data, say)],
        ...recipeFacts(report.recipe, say, numbers).map(([label, text]) => [say(label), text] as const),
        [say('engine'), report.engine],
        [say('seconds'), numbers.seconds(report.seconds)],
      ]),
    ];
  }
  if (content.kind === 'evaluation') {
    const { report } = content;
    return [
      cards(evaluationMeasures(report), drawing),
      details([
        [say('data'), listOf(partOf(report, drawing), say)],
        [say('engine'), report.engine],
        [say('seconds'), numbers.seconds(report.seconds)],
      ]),
    ];
  }
  if (content.kind === 'search') return searchFigures(content, partOf(content.report.data, drawing), drawing);
  if (content.kind === 'sensitivity') {
    const { report, data } = content;
    return [
      cards(sensitivityMeasures(report), drawing),
      details([
        [say('data'), listOf([data, ...partOf(report.data, drawing)], say)],
        [say('engine'), report.engine],
        [say('seconds'), numbers.seconds(report.seconds)],
      ]),
    ];
  }
  return content.kind === 'gates' ? [cards(modelMeasures(content.report), drawing)] : [];
}

/** Which samples of the data something was measured on. */
function partOf({ split, samples }: Pick<DataSummary, 'split' | 'samples'>, { say, numbers }: Drawing) {
  return [say(splitLabels[split]), say('samples', { count: numbers.count(samples) })];
}

function modelMeasures(report: InspectReport): Measure[] {
  let size = 0;
  let near = 0;
  for (const layer of report.layers) {
    for (const { kernel, recurrent } of Object.values(layer.gates)) {
      size += kernel.size + recurrent.size;
      near += kernel.nearZero + recurrent.nearZero;
    }
  }
  return [
    { label: 'sparsity', args: {}, after: report.sparsity, unit: 'fraction' },
    { label: 'zeroNearly', args: {}, after: near / Math.max(1, size), unit: 'fraction' },
    { label: 'prunable', args: {}, after: size, unit: 'count' },
    { label: 'layers', args: {}, after: report.layers.length, unit: 'count' },
  ];
}

function notes(sentences: readonly string[], title: string): HTMLElement | undefined {
  if (sentences.length === 0) return undefined;
  return element(
    'section',
    { class: 'message notes', 'aria-label': title },
    element('ul', {}, ...sentences.map((sentence) => element('li', {}, sentence))),
  );
}

function layersOf(content: PanelContent, { drawing, closedLayers, onToggle }: PageOptions) {
  const { say } = drawing;
  const sections = new Map<string, LayerSection>();
  const model = modelOf(content);
  if (!model) return { sections, drawn: [] };
  const compared = comparedModels(content);
  const rows = compared ? layerRows(compared.before, compared.after) : layerRows(model);
  const drawn: Child[] = [
    element(
      'div',
      { class: 'layers-head' },
      element('h2', {}, say('layers')),
      legend(
        compared ? [say('zeroBefore'), say('zeroNow')] : [say('zeroExactly'), say('zeroNearly')],
        compared ? undefined : say('nearZeroMeaning'),
      ),
    ),
  ];
  if (rows.length === 0) drawn.push(element('p', { class: 'message' }, say('noLayers')));
  for (const layer of rows) {
    const { name } = layer.before;
    const section = layerSection(layer, drawing, {
      open: !closedLayers.has(name),
      onToggle: (open) => onToggle(name, open),
    });
    sections.set(name, section);
    // The visible title stands inside a button, where it is no heading.
    drawn.push(element('section', { class: 'layer' }, element('h3', { class: 'unseen' }, name), section));
  }
  return { sections, drawn };
}

function legend([base, total]: readonly string[], meaning: string | undefined): HTMLElement {
  const swatch = (tone: string) => element('span', { class: `swatch ${tone}`, 'aria-hidden': 'true' });
  const made = element(
    'p',
    { class: 'legend' },
    element('span', {}, swatch('base'), base),
    element('span', {}, swatch('total'), total),
  );
  if (meaning) made.title = meaning;
  return made;
}
