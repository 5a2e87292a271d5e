import { operatorIn } from './scriptModel.ts';
import type { ScriptFunction } from './scriptProgram.ts';
import type { Expression } from './scriptTree.ts';

/** A cell of PyTorch whose code tracing has written out. */
export interface TracedCell {
  /** That computes the same. */
  readonly operator: string;
  /** Its parameters, or `zeros` that it makes itself: the input, and the state or the states. */
  readonly input: string;
  readonly states: readonly string[];
  readonly hasBiases: boolean;
  /** Which of its states it returns. */
  readonly returns: readonly number[];
}

/** Characters of a formula; that of the longest cell has some hundred. */
const mostCharacters = 5000;
const cellClass = /^__torch__\.torch\.nn\.modules\.rnn\.(?:\w+\.)?(LSTM|GRU|RNN)Cell$/;

/** The cell that a method of PyTorch's class computes; undefined of other classes and of code that computes anything else. */
export function tracedCell(className: string, code: ScriptFunction): TracedCell | undefined {
  const [, kind] = cellClass.exec(className) ?? [];
  const results = kind === undefined ? undefined : formulasOf(code);
  const [text] = results ?? [];
  const [product, input, bias] = /linear\((\w+),self\.weight_ih(,self\.bias_ih)?\)/.exec(text ?? '') ?? [];
  const [recurrent, hidden] = /linear\((\w+),self\.weight_hh(?:,self\.bias_hh)?\)/.exec(text ?? '') ?? [];
  if (!results || product === undefined || recurrent === undefined) return undefined;
  const names = [...code.parameters.map(({ name }) => name), 'zeros'];
  for (const states of kind === 'LSTM' ? names.map((memory) => [hidden, memory]) : [[hidden]])
    for (const [operator, formulas] of formulasFor(kind, product, recurrent, states)) {
      const returns = results.map((result) => formulas.indexOf(result));
      if (!returns.includes(-1)) return { operator, input, states, hasBiases: bias !== undefined, returns };
    }
  return undefined;
}

/** What cells of a kind leave as their states, by the operator that computes the same. */
function formulasFor(
  kind: string,
  input: string,
  recurrent: string,
  [h, c]: readonly string[],
): (readonly [operator: string, states: readonly string[]])[] {
  const part = (whole: string, count: number, i: number) => `chunk(${whole},${count},1)#${i}`;
  const sum = called('add', [recurrent, input]);
  if (kind === 'RNN') return ['tanh', 'relu'].map((op) => [`rnn_${op}_cell`, [called(op, [sum])]]);
  if (kind === 'LSTM') {
    const [i, f, g, o] = ['sigmoid', 'sigmoid', 'tanh', 'sigmoid'].map((op, at) =>
      called(op, [part(sum, 4, at)]),
    );
    const memory = called('add', [called('mul', [f, c]), called('mul', [i, g])]);
    return [['lstm_cell', [called('mul', [o, called('tanh', [memory])]), memory]]];
  }
  const gate = (at: number) =>
    called('sigmoid', [called('add', [part(recurrent, 3, at), part(input, 3, at)])]);
  const reset = called('mul', [part(recurrent, 3, 2), gate(0)]);
  const candidate = called('tanh', [called('add', [part(input, 3, 2), reset])]);
  return [
    ['gru_cell', [called('add', [called('mul', [called('sub', [h, candidate]), gate(1)]), candidate])]],
  ];
}

/** What a function returns as formulas of its parameters; undefined where it is more than one line after the other. */
function formulasOf({ parameters, body }: ScriptFunction): readonly string[] | undefined {
  const known = new Map(parameters.map(({ name }) => [name, name]));
  const tuples = new Map<string, readonly string[]>();
  for (const { is, ...statement } of body) {
    if (!('value' in statement)) return undefined;
    const { value } = statement;
    const tuple = value.is === 'name' ? tuples.get(value.name) : undefined;
    const all = value.is === 'items' ? value.items : [value];
    const found = tuple ?? all.map((one) => formulaOf(one, known) ?? '');
    if (found.includes('')) return undefined;
    if (is === 'return') return found;
    if (!('names' in statement)) return undefined;
    const { names, isTuple } = statement;
    if (found.length > 1 && !isTuple) tuples.set(names[0], found);
    else
      for (const [i, name] of names.entries())
        known.set(
          name,
          found[i] !== undefined && found.length > 1 ? found[i] : isTuple ? `${found[0]}#${i}` : found[0],
        );
  }
  return undefined;
}

function formulaOf(expression: Expression, known: Map<string, string>): string | undefined {
  switch (expression.is) {
    case 'name':
      return known.get(expression.name) ?? expression.name;
    case 'literal':
      return String(expression.value);
    case 'items':
      return undefined;
    case 'item': {
      const [of, index] = [expression.of, expression.index].map((one) => formulaOf(one, known));
      return of === undefined || index === undefined ? undefined : `${of}#${index}`;
    }
    case 'call': {
      const operator = operatorIn(expression.name);
      if (operator === 'zeros') return operator;
      const args = expression.on ? [undefined] : expression.args.map((one) => formulaOf(one, known));
      const [first] = expression.args;
      // What works in place changes a value that no formula may read any more.
      if (/[^_]_$/.test(expression.name) && first?.is === 'name') known.set(first.name, '!');
      return args.includes(undefined) ? undefined : bounded(called(operator, args as string[]));
    }
  }
}

/** Sums and products are the same either way round. */
function called(operator: string, args: readonly string[]): string {
  const isEither = (operator === 'add' || operator === 'mul') && args.length === 2;
  return `${operator.replace(/^unsafe_/, '')}(${(isEither ? args.toSorted() : args).join()})`;
}

function bounded(formula: string): string | undefined {
  return formula.length > mostCharacters ? undefined : formula;
}
