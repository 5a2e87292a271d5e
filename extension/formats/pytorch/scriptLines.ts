/** A line of a TorchScript source that is not empty. */
export interface ScriptLine {
  readonly text: string;
  /** Where it begins in the source. */
  readonly at: number;
  /** From 1. */
  readonly number: number;
  /** The class that it belongs to, by its name in data.pkl; empty where it belongs to none. */
  readonly className: string;
}

/** In longer lines no pattern is looked for: PyTorch writes its own modules in short ones. */
export const longestLine = 10_000;

/** `__torch__.net` of `code/__torch__/net.py`. */
export function packageOf(file: string): string {
  return file
    .replace(/^code\//, '')
    .replace(/\.py$/, '')
    .replaceAll('/', '.');
}

/** @param file such as `code/__torch__/net.py`, whose class Tagger is `__torch__.net.Tagger` */
export function* scriptLines(file: string, source: string): Generator<ScriptLine> {
  const folder = packageOf(file);
  let className = '';
  for (let at = 0, number = 1; at < source.length; number++) {
    const found = source.indexOf('\n', at);
    const end = found === -1 ? source.length : found;
    if (end > at) {
      const text = source.slice(at, end);
      if (/^\S/.test(text)) {
        const name = /^class (\w+)/.exec(text)?.[1];
        className = name === undefined ? '' : `${folder}.${name}`;
      }
      yield { text, at, number, className };
    }
    at = end + 1;
  }
}

/** Of what is in quotes as many blanks are left. */
export function withoutTexts(line: string): string {
  if (line.length > longestLine) return line;
  // What is not closed goes to the end, so that no quote within it is gone on from again.
  return line.replace(/"(?:[^"\\]|\\.)*("?)/g, (text, end) => (end === '' ? text : ' '.repeat(text.length)));
}
