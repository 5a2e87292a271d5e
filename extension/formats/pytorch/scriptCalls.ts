/** A call in TorchScript's code, with its arguments as they are written. */
export interface ScriptCall {
  /** `torch.lstm`, `ops.prim.dtype`; of a method of a value its name alone. */
  readonly name: string;
  readonly args: readonly string[];
  /** Of a method what it is of, where that is a name: `lstm` of `(lstm).forward(x, )`. */
  readonly on?: string;
}

interface Open {
  /** Empty of brackets that call nothing; their parts are not kept. */
  readonly name: string;
  readonly args: string[];
  readonly on: string | undefined;
  /** Where the argument begins that is being read. */
  from: number;
}

/** Arguments of a call that are kept; no operator takes more. */
const mostArguments = 32;

/**
 * The calls in a line of code, those within others first: in the order in which they are computed. Goes over the line once.
 * @param line without what stands in quotes
 */
export function callsIn(line: string): ScriptCall[] {
  const calls: ScriptCall[] = [];
  const open: Open[] = [];
  /** Of the name that the character may belong to. */
  let nameFrom = 0;
  /** What stood in the brackets without a call that ended last, and where. */
  let group = { text: '', end: -1 };
  for (let at = 0; at < line.length; at++) {
    const mark = line[at];
    if (isOfName(mark)) continue;
    const last = open.at(-1);
    if (mark === '(' || mark === '[') {
      const name = mark === '(' ? line.slice(nameFrom, at).replace(/^\./, '') : '';
      const isMethod = name !== '' && line[nameFrom] === '.' && group.end === nameFrom;
      open.push({ name, args: [], on: isMethod ? group.text : undefined, from: at + 1 });
    } else if (mark === ',' || mark === ')' || mark === ']') {
      if (last && last.name !== '' && last.args.length < mostArguments)
        last.args.push(line.slice(last.from, at).trim());
      const text = last ? line.slice(last.from, at) : '';
      if (mark === ')' && last?.name === '' && /^[\w.]+$/.test(text)) group = { text, end: at + 1 };
      if (last) last.from = at + 1;
      if (mark !== ',') open.pop();
      if (last && mark === ')' && last.name !== '') {
        const { name, args, on } = last;
        calls.push({ name, args: withoutEmptyEnd(args), ...(on !== undefined && { on }) });
      }
    }
    nameFrom = at + 1;
  }
  return calls;
}

function isOfName(mark: string): boolean {
  return (
    (mark >= 'a' && mark <= 'z') ||
    (mark >= 'A' && mark <= 'Z') ||
    (mark >= '0' && mark <= '9') ||
    mark === '_' ||
    mark === '.'
  );
}

/** `f()` has no arguments, and methods are called with a comma at the end. */
function withoutEmptyEnd(args: readonly string[]): readonly string[] {
  return args.at(-1) === '' ? args.slice(0, -1) : args;
}
