import { scriptLines } from './scriptLines.ts';

/** The types of the attributes of every class in TorchScript's code, as it writes them: `int`, `Final[int] = 2`, … */
export type ClassAttributes = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** `rnn : __torch__.net.Encoder`, `layers : Final[int] = 2`; of a list of modules `__annotations__["0"] = __torch__.net.Encoder`. */
const attribute =
  /^ {2}(?:(\w+) : ([\w.]+)$|(\w+) : (Final\[\w+\] = \w+)$|__annotations__\["(\w+)"\] = ([\w.]+)$)/;

export function classAttributes(sources: ReadonlyMap<string, string>): ClassAttributes {
  const classes = new Map<string, Map<string, string>>();
  for (const [file, source] of sources)
    for (const { text, className } of scriptLines(file, source)) {
      const found = attribute.exec(text);
      if (className === '' || !found) continue;
      const own = classes.get(className) ?? new Map<string, string>();
      classes.set(className, own);
      const [, plain, type, final, value, item, itemType] = found;
      own.set(plain ?? final ?? item, type ?? value ?? itemType);
    }
  return classes;
}
