import type { LabelName, Say } from '../protocol/labels.ts';
import { Html, html } from './escape.ts';
import { style } from './htmlStyle.ts';

/** Ours, and free of anything that HTML would read. */
const styleSheet = new Html(style);

/** A page that needs nothing else: no script, no image, no network. */
export function htmlPage(title: string, body: Html, locale: string): string {
  const page = html`<!DOCTYPE html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${styleSheet}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
  return page.source;
}

/** Sentences under a heading; nothing where there are none. */
export function notes(sentences: readonly string[], say: Say): Html | undefined {
  if (sentences.length === 0) return undefined;
  return html`<h2>${say('notes')}</h2>
<ul>${sentences.map(
    (sentence) => html`<li>${sentence}</li>
`,
  )}</ul>`;
}

export function factList(facts: readonly (readonly [LabelName, string])[], say: Say): Html {
  return html`<dl>${facts.map(
    ([label, text]) => html`<dt>${say(label)}</dt><dd>${text}</dd>
`,
  )}</dl>`;
}
