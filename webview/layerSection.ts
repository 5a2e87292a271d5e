import { VscodeCollapsible } from '@vscode-elements/elements/dist/vscode-collapsible/vscode-collapsible.js';
import { describeLayer, type LayerRows, projectionText } from '../extension/protocol/comparison.ts';
import { listOf } from '../extension/protocol/labels.ts';
import type { Drawing } from './context.ts';
import { element } from './dom.ts';
import { gateTable } from './gateTable.ts';

// Names of layers are case-sensitive, and the section stands in an editor, not in the side bar.
const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  .collapsible-header {
    block-size: 28px;
    line-height: 28px;
    background-color: var(--vscode-sideBarSectionHeader-background, transparent);
  }
  .collapsible-header:focus:not(:focus-visible) { outline: none; }
  .title { font-size: var(--vscode-font-size); text-transform: none; min-inline-size: 0; }
  .title .description { opacity: 1; color: var(--vscode-descriptionForeground); }
  .header-slots { flex-shrink: 0; block-size: 28px; }
  .header-slots slot { max-block-size: none; }
`);

/** A collapsible whose header is a button for screen readers and for the space bar as well. */
class LayerSection extends VscodeCollapsible {
  static override styles = [VscodeCollapsible.styles, sheet];

  override firstUpdated(): void {
    this.header.setAttribute('role', 'button');
    this.header.addEventListener('keydown', (event) => {
      if (event.key !== ' ') return;
      event.preventDefault();
      this.header.click();
    });
  }

  override updated(): void {
    this.header.setAttribute('aria-expanded', String(this.open));
  }

  override focus(): void {
    this.header.focus();
  }

  get header(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.collapsible-header')!;
  }
}

customElements.define('lstm-layer-section', LayerSection);

export interface LayerSectionOptions {
  readonly open: boolean;
  readonly onToggle: (open: boolean) => void;
}

/** One layer: a header with its kind and its sparsity, and under it the table of its gates. */
export function layerSection(
  layer: LayerRows,
  drawing: Drawing,
  { open, onToggle }: LayerSectionOptions,
): LayerSection {
  const { say, numbers } = drawing;
  const { before, after } = layer;
  const section = document.createElement('lstm-layer-section') as LayerSection;
  section.heading = before.name;
  section.description = describeLayer(layer, say);
  section.open = open;
  section.addEventListener('vsc-collapsible-toggle', () => onToggle(section.open));
  const share = after
    ? say('fromTo', { before: numbers.percent(before.sparsity), after: numbers.percent(after.sparsity) })
    : numbers.percent(before.sparsity);
  const summary = element('span', { slot: 'decorations', class: 'layer-share' }, share);
  summary.title = say('sparsity');
  section.append(
    summary,
    element(
      'div',
      { class: 'layer-body' },
      gateTable(layer, drawing),
      ...projection(layer, drawing),
      deadUnits(layer, drawing),
    ),
  );
  return section;
}

function projection(layer: LayerRows, { say, numbers }: Drawing): HTMLElement[] {
  const text = projectionText(layer, say, numbers);
  return text === undefined ? [] : [element('p', {}, text)];
}

function deadUnits({ before, after = before }: LayerRows, { say }: Drawing): HTMLElement {
  const dead = after.deadUnits;
  const text = dead.length > 0 ? say('deadUnits', { units: listOf(dead, say) }) : say('noDeadUnits');
  return element('p', { class: dead.length > 0 ? 'dead-units' : 'dead-units none' }, text);
}

export type { LayerSection };
