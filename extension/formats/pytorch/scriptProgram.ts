import { packageOf, scriptLines } from './scriptLines.ts';
import { type Expression, expressionOf, type Statement, statementsOf } from './scriptTree.ts';

export interface ScriptParameter {
  readonly name: string;
  readonly value?: Expression | undefined;
}

export interface ScriptFunction {
  readonly parameters: readonly ScriptParameter[];
  readonly body: readonly Statement[];
}

/** Characters of the functions that are read, which takes a second; whole models that are traced or frozen take less. */
const mostCharacters = 2_000_000;

/** `rnn : __torch__.net.Encoder`; of a list of modules `__annotations__["0"] = __torch__.net.Encoder`. */
const attribute = /^ {2}(?:(\w+) : (.+)|__annotations__\["(\w+)"\] = (.+))$/;

/** `__forward_hooks__ = ["hook", ]`, and those before it. */
const hooks = /^ {2}__forward_(?:pre_)?hooks__ = \["(\w+)"/;

/** The functions and classes of TorchScript's code, by their whole names: `__torch__.net.Net`, `__torch__.net.Net.forward`. */
export class ScriptProgram {
  readonly #sources: ReadonlyMap<string, string>;
  readonly #lines = new Map<string, string[]>();
  readonly #functions = new Map<string, ScriptFunction | undefined>();
  readonly #attributes = new Map<string, Map<string, string>>();
  readonly #hooks = new Map<string, string>();
  #charactersLeft = mostCharacters;

  constructor(sources: ReadonlyMap<string, string>) {
    this.#sources = sources;
    for (const [file, source] of sources) {
      let own: string[] = [];
      for (const { text, className } of scriptLines(file, source)) {
        const [, started] = /^(?: {2})?def (\w+)\(/.exec(text) ?? [];
        if (started !== undefined) {
          own = [];
          this.#lines.set(`${className || packageOf(file)}.${started}`, own);
        } else if (/^\S/.test(text)) own = [];
        if (className !== '') this.#addAttribute(className, text);
        own.push(text);
      }
    }
  }

  #addAttribute(className: string, text: string): void {
    const [, hook] = hooks.exec(text) ?? [];
    if (hook !== undefined) this.#hooks.set(className, hook);
    const [, name, type, item, itemType] = attribute.exec(text) ?? [];
    const key = name ?? item;
    if (key === undefined) return;
    const own = this.#attributes.get(className) ?? new Map<string, string>();
    this.#attributes.set(className, own);
    own.set(key, type ?? itemType);
  }

  /** The types of a class's attributes as they are written: `int`, `Final[int] = 2`, … */
  attributesOf(className: string): ReadonlyMap<string, string> {
    return this.#attributes.get(className) ?? new Map();
  }

  /** A function that is called around a class's forward, which is written in the code of callers alone; undefined of none. */
  hookOf(className: string): string | undefined {
    return this.#hooks.get(className);
  }

  /** The classes that have a method of this name. */
  classesWith(method: string): string[] {
    const ending = `.${method}`;
    return [...this.#lines.keys()]
      .filter((name) => name.endsWith(ending))
      .map((name) => name.slice(0, -ending.length));
  }

  /** Whether a text stands anywhere in it. */
  holds(text: string): boolean {
    return [...this.#sources.values()].some((source) => source.includes(text));
  }

  /** All that are read, in the code's order. */
  *functions(): Generator<ScriptFunction> {
    for (const name of this.#lines.keys()) {
      const found = this.functionOf(name);
      if (found) yield found;
    }
  }

  /** Undefined where there is none of the name, and where it is too long. */
  functionOf(name: string): ScriptFunction | undefined {
    const lines = this.#lines.get(name);
    if (this.#functions.has(name) || !lines) return this.#functions.get(name);
    this.#functions.set(name, undefined);
    const length = lines.reduce((sum, line) => sum + line.length, 0);
    if (length > this.#charactersLeft) return undefined;
    this.#charactersLeft -= length;
    const end = lines.findIndex((line) => line.trimEnd().endsWith(':'));
    const signature = lines.slice(0, end + 1).join(' ');
    const made = { parameters: parametersIn(signature), body: statementsOf(lines.slice(end + 1)) };
    this.#functions.set(name, made);
    return made;
  }
}

/** @param signature `def forward(self: __torch__.net.Net, x: Tensor, h: Optional[Tensor]=None) -> Tensor:` */
function parametersIn(signature: string): ScriptParameter[] {
  const parts: string[] = [];
  const from = signature.indexOf('(') + 1;
  let [depth, start] = [0, from];
  for (let at = from; at < signature.length && depth >= 0; at++) {
    const mark = signature[at];
    if (mark === '[' || mark === '(') depth++;
    if (mark === ']' || mark === ')') depth--;
    if (depth > 0 || (depth === 0 && mark !== ',')) continue;
    parts.push(signature.slice(start, at).trim());
    start = at + 1;
  }
  return parts.filter(Boolean).map((part) => {
    const [declared, value] = part.split(/=(.*)/s);
    const [name] = declared.split(':');
    return {
      name: name.trim(),
      value: value === undefined ? undefined : expressionOf(value),
    };
  });
}
