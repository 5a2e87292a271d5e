/** A line of a TorchScript source, and the class that it belongs to, by its name in data.pkl. */
export interface ScriptLine {
  readonly text: string;
  readonly className?: string;
}

/** In longer lines no pattern is looked for: some take the square of the length, and PyTorch writes its own modules in short ones. */
export const longestLine = 10_000;

/** @param file such as `code/__torch__/net.py`, whose class Tagger is `__torch__.net.Tagger` */
export function* scriptLines(file: string, source: string): Generator<ScriptLine> {
  const folder = file
    .replace(/^code\//, '')
    .replace(/\.py$/, '')
    .replaceAll('/', '.');
  let className: string | undefined;
  for (let at = 0; at <= source.length; ) {
    const end = source.indexOf('\n', at);
    const text = source.slice(at, end === -1 ? source.length : end);
    if (/^\S/.test(text)) {
      const name = /^class (\w+)/.exec(text)?.[1];
      className = name === undefined ? undefined : `${folder}.${name}`;
    }
    yield { text, ...(className !== undefined && { className }) };
    at += text.length + 1;
  }
}
