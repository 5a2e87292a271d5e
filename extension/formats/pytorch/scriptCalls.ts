/** A call in TorchScript's code, with its arguments as they are written. */
export interface ScriptCall {
  /** `torch.lstm`, `ops.prim.dtype`; of a method of a value its name alone. */
  readonly name: string;
  readonly args: readonly string[];
}

interface Open {
  /** Empty of brackets that call nothing. */
  readonly name: string;
  readonly args: string[];
  /** Where the argument begins that is being read. */
  from: number;
}

/**
 * The calls in a line of code, those within others first: in the order in which they are computed. Goes over the line once.
 * @param line without what stands in quotes
 */
export function callsIn(line: string): ScriptCall[] {
  const calls: ScriptCall[] = [];
  const open: Open[] = [];
  for (const { 0: mark, index } of line.matchAll(/[()[\],]/g)) {
    const last = open.at(-1);
    if (mark === '(' || mark === '[') {
      open.push({ name: mark === '(' ? nameBefore(line, index) : '', args: [], from: index + 1 });
      continue;
    }
    last?.args.push(line.slice(last.from, index).trim());
    if (mark === ',') {
      if (last) last.from = index + 1;
      continue;
    }
    const done = open.pop();
    if (done && done.name !== '') calls.push({ name: done.name, args: withoutEmptyEnd(done.args) });
  }
  return calls;
}

function nameBefore(line: string, end: number): string {
  let from = end;
  while (from > 0 && /[\w.]/.test(line[from - 1])) from--;
  return line.slice(from, end).replace(/^\./, '');
}

/** `f()` has no arguments, and methods are called with a comma at the end. */
function withoutEmptyEnd(args: readonly string[]): readonly string[] {
  return args.at(-1) === '' ? args.slice(0, -1) : args;
}
