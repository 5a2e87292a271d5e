/** A line of a TorchScript source, and the class that it belongs to, by its name in data.pkl. */
export interface ScriptLine {
  readonly text: string;
  readonly className?: string;
}

/** @param file such as `code/__torch__/net.py`, whose class Tagger is `__torch__.net.Tagger` */
export function scriptLines(file: string, source: string): ScriptLine[] {
  const folder = file
    .replace(/^code\//, '')
    .replace(/\.py$/, '')
    .replaceAll('/', '.');
  let className: string | undefined;
  return source.split('\n').map((text) => {
    if (/^\S/.test(text)) {
      const name = /^class (\w+)/.exec(text)?.[1];
      className = name === undefined ? undefined : `${folder}.${name}`;
    }
    return { text, ...(className !== undefined && { className }) };
  });
}
