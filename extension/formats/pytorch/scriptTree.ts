/** An expression of TorchScript's code. Arguments that are given by name are left out, but for their names. */
export type Expression =
  | { readonly is: 'name'; readonly name: string }
  | { readonly is: 'literal'; readonly value: number | boolean | string | null }
  | { readonly is: 'items'; readonly items: readonly Expression[] }
  | { readonly is: 'item'; readonly of: Expression; readonly index: Expression }
  | {
      readonly is: 'call';
      readonly name: string;
      /** Of a method. */
      readonly on?: Expression;
      readonly args: readonly Expression[];
      readonly named: readonly string[];
    };

export type Statement =
  | {
      readonly is: 'set';
      readonly names: readonly string[];
      readonly isTuple: boolean;
      readonly value: Expression;
    }
  | { readonly is: 'return' | 'do'; readonly value: Expression }
  | {
      readonly is: 'if';
      readonly condition: Expression;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | {
      readonly is: 'for';
      readonly name: string;
      readonly over: Expression;
      readonly body: readonly Statement[];
    }
  /** What is none of these, by the word that it begins with, and the block that it has. */
  | { readonly is: 'other'; readonly word: string; readonly body: readonly Statement[] };

/** Brackets and blocks within each other that are read: no code that PyTorch writes has nearly as many. */
const deepest = 60;

/** Characters of an expression that is read. */
const longestText = 100_000;

// A text that is not closed goes on to the end, or every quote in it would be looked behind for another.
const token = /\s*(?:("(?:[^"\\]|\\.)*"?)|(-?\d[\d.]*(?:e[-+]?\d+)?)|([A-Za-z_][\w.]*)|(.))/y;

/** The statements of a function, of its lines without empty ones. */
export function statementsOf(lines: readonly string[]): Statement[] {
  let at = 0;
  const indentOf = (line: string) => line.length - line.trimStart().length;
  const block = (indent: number, depth: number): Statement[] => {
    const found: Statement[] = [];
    while (at < lines.length && indentOf(lines[at]) >= indent)
      found.push(statement(lines[at++].trim(), depth));
    return found;
  };
  const inner = (depth: number): Statement[] => {
    if (at >= lines.length) return [];
    const [outer, own] = [indentOf(lines[at - 1]), indentOf(lines[at])];
    if (own <= outer) return [];
    if (depth <= deepest) return block(own, depth);
    while (at < lines.length && indentOf(lines[at]) > outer) at++;
    return [{ is: 'other', word: '…', body: [] }];
  };
  const statement = (line: string, depth: number): Statement => {
    const [, word = ''] = /^(\w*)/.exec(line) ?? [];
    const [, counter] = /^for (\w+) in /.exec(line) ?? [];
    if (word === 'if' || counter !== undefined) {
      const from = counter === undefined ? 'if '.length : line.indexOf(' in ') + ' in '.length;
      const value = expressionOf(line.slice(from, -1));
      const indent = indentOf(lines[at - 1]);
      const body = inner(depth + 1);
      if (!value) return { is: 'other', word, body };
      if (counter !== undefined) return { is: 'for', name: counter, over: value, body };
      const hasElse = lines[at]?.trim() === 'else:' && indentOf(lines[at]) === indent;
      if (hasElse) at++;
      return { is: 'if', condition: value, body, otherwise: hasElse ? inner(depth + 1) : [] };
    }
    if (word === 'while') return { is: 'other', word, body: inner(depth + 1) };
    return plain(line) ?? { is: 'other', word, body: [] };
  };
  return lines.length === 0 ? [] : block(indentOf(lines[0]), 0);
}

function plain(line: string): Statement | undefined {
  if (line === 'pass') return { is: 'do', value: { is: 'literal', value: null } };
  const isReturn = /^return\b/.test(line);
  const [target] = isReturn ? [] : (/^[\w.]+(?:, [\w.]+)*,?(?: : [\w.[\], ]+)? = /.exec(line) ?? []);
  const names = target?.replace(/(?: : .*)? = $/, '') ?? '';
  const text = line.slice(isReturn ? 'return'.length : (target?.length ?? 0));
  // a, b = c, d
  const value = expressionOf(/,./.test(names) ? `(${text})` : text);
  if (!value) return undefined;
  if (target === undefined) return { is: isReturn ? 'return' : 'do', value };
  return { is: 'set', names: names.split(/,\s*/).filter(Boolean), isTuple: names.includes(','), value };
}

/** Undefined of what is none, or goes too deep. */
export function expressionOf(text: string): Expression | undefined {
  const reader = new Reader(text);
  const found = reader.expression(0);
  return reader.isAtEnd ? found : undefined;
}

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    const tokens: string[] = [];
    const trimmed = text.length > longestText ? '' : text.trim();
    token.lastIndex = 0;
    for (let found = token.exec(trimmed); found; found = token.exec(trimmed))
      tokens.push(found[1] ?? found[2] ?? found[3] ?? found[4]);
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  expression(depth: number): Expression | undefined {
    if (depth > deepest) return undefined;
    let found = this.#first(depth);
    while (found) {
      if (this.#takes('.')) {
        const name = this.#next();
        const call = this.#takes('(') && this.#call(name, depth);
        if (!call) return undefined;
        found = { ...call, on: found };
      } else if (this.#takes('[')) {
        const index: Expression | undefined = this.expression(depth + 1);
        while (this.#takes(',')) if (!this.expression(depth + 1)) return undefined;
        if (!index || !this.#takes(']')) return undefined;
        found = { is: 'item', of: found, index };
      } else return found;
    }
    return undefined;
  }

  #first(depth: number): Expression | undefined {
    const text = this.#next();
    if (text === '(' || text === '[' || text === '{') {
      const close = { '(': ')', '[': ']', '{': '}' }[text];
      const { args, hasComma } = this.#list(close, depth) ?? {};
      if (!args) return undefined;
      return text === '(' && args.length === 1 && !hasComma ? args[0] : { is: 'items', items: args };
    }
    if (text.startsWith('"')) return { is: 'literal', value: text.slice(1, -1) };
    if (/^-?\d/.test(text)) return { is: 'literal', value: Number(text) };
    if (!/^[A-Za-z_]/.test(text)) return undefined;
    if (text === 'None') return { is: 'literal', value: null };
    if (text === 'True' || text === 'False') return { is: 'literal', value: text === 'True' };
    return this.#takes('(') ? this.#call(text, depth) : { is: 'name', name: text };
  }

  #call(name: string, depth: number): Extract<Expression, { is: 'call' }> | undefined {
    const { args, named } = this.#list(')', depth) ?? {};
    return args && named && { is: 'call', name, args, named };
  }

  #list(close: string, depth: number) {
    const args: Expression[] = [];
    const named: string[] = [];
    let hasComma = false;
    while (!this.#takes(close)) {
      // A dict is its values, by names that are texts.
      if (close === '}' && !(this.#next().startsWith('"') && this.#takes(':'))) return undefined;
      const name = this.#tokens[this.#at + 1] === '=' ? this.#next() : undefined;
      if (name !== undefined) this.#at++;
      const value = this.expression(depth + 1);
      if (!value) return undefined;
      if (name === undefined) args.push(value);
      else named.push(name);
      const isMore = this.#takes(',');
      hasComma ||= isMore;
      if (!isMore && this.#tokens[this.#at] !== close) return undefined;
    }
    return { args, named, hasComma };
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? '';
  }

  #takes(text: string): boolean {
    const isNext = this.#tokens[this.#at] === text;
    if (isNext) this.#at++;
    return isNext;
  }
}
