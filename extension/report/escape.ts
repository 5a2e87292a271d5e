const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** HTML that is safe to put into a page as it is. */
export class Html {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

type Piece = string | number | Html | readonly Html[] | undefined;

/** Template tag: everything put in is escaped unless it is Html already. */
export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Html {
  return new Html(strings.reduce((all, text, at) => all + sourceOf(pieces[at - 1]) + text));
}

function sourceOf(piece: Piece): string {
  if (piece === undefined) return '';
  if (piece instanceof Html) return piece.source;
  if (Array.isArray(piece)) return piece.map(sourceOf).join('');
  return String(piece).replaceAll(/[&<>"']/g, (character) => entities[character]);
}
