import { type ClassAttributes, classAttributes } from './classAttributes.ts';
import { constantsIn } from './codeConstants.ts';
import { FunctionCalls } from './functionCalls.ts';
import { callsIn } from './scriptCalls.ts';
import { longestLine, scriptLines, withoutTexts } from './scriptLines.ts';
import { ScriptValues } from './scriptValues.ts';

/** Sources of PyTorch's own modules, which compute what their classes say. */
const ownCode = 'code/__torch__/torch/';

/** A parameter, of which each line has one. */
const parameter = /^\s*(?:def \w+\()?(\w+): (.*?)(?:,|\) -> .*)$/;
const assignment = /^\s+((?:\w+, )*\w+,?) = (.+)$/;

/** Modules that a row of layers is the same without. */
const unweighted = /\.nn\.modules\.(?:dropout|activation|loss|flatten)\.|\.Identity$/;

interface Scanned {
  readonly beyond: string | undefined;
  /** Methods that return zeros, with their classes. */
  readonly zeroMethods: ReadonlySet<string>;
}

/**
 * The first of what code does with modules and beside them that is more than layers one behind the other: a tensor of constants.pkl, which
 * tracing leaves where a model has one as a plain attribute or makes it of numbers; an operator or a function that changes values; an
 * index or a part that is not the last step; a layer that is called again, begins with a state that is not zeros, or is not called at all.
 * What methods and functions compute stands in their own lines. Undefined where there is no such thing.
 * @param integers those tensors, by what code calls them, that are integers of no axes, such as tracing computes lengths with
 */
export function beyondModules(
  sources: ReadonlyMap<string, string>,
  integers: ReadonlySet<string> = new Set(),
): string | undefined {
  const classes = classAttributes(sources);
  const { zeroMethods, beyond } = scanned(sources, classes, new Set(), integers);
  // A method may stand behind those that call it.
  return zeroMethods.size === 0 ? beyond : scanned(sources, classes, zeroMethods, integers).beyond;
}

function scanned(
  sources: ReadonlyMap<string, string>,
  classes: ClassAttributes,
  known: ReadonlySet<string>,
  integers: ReadonlySet<string>,
): Scanned {
  const zeroMethods = new Set<string>();
  const values = new ScriptValues(classes, known, integers);
  const hasOwnActivation = [...sources.keys()].some((file) =>
    /^code\/__torch__\/torch\/nn\/modules\/(?:activation|container)\b/.test(file),
  );
  let beyond: string | undefined;
  for (const [file, source] of sources) {
    let calls = new FunctionCalls(values, hasOwnActivation);
    let method = '';
    let isSignature = false;
    let loop: number | undefined;
    for (const { text, className } of scriptLines(file, source)) {
      const line = withoutTexts(text);
      beyond ??= constantsIn(line).find((name) => !integers.has(name));
      if (file.startsWith(ownCode)) continue;
      const started = /^\s*def (\w+)\(/.exec(line)?.[1];
      if (started !== undefined || /^class /.test(line)) {
        beyond ??= calls.misplaced();
        calls = new FunctionCalls(values, hasOwnActivation);
        values.begin();
        method = started ?? '';
        isSignature = started !== undefined;
        loop = undefined;
      }
      if (isSignature) {
        const [, name, type] = (line.length <= longestLine && parameter.exec(line)) || [];
        if (name !== undefined) values.parameter(name, type, started !== undefined && className !== '');
        isSignature = !line.trimEnd().endsWith(':');
        continue;
      }
      const indent = line.search(/\S/);
      if (loop !== undefined && indent <= loop) loop = undefined;
      if (/[(.]/.test(line))
        for (const call of callsIn(line)) beyond ??= calls.beyond(call, loop !== undefined);
      if (line.length > longestLine) continue;
      const [, counter, range] = /^\s+for (\w+) in (.+):$/.exec(line) ?? [];
      if (counter !== undefined) values.count(counter, range);
      if (counter !== undefined || /^\s+while /.test(line)) loop ??= indent;
      const [, names, made] = assignment.exec(line) ?? [];
      if (names !== undefined) values.assign(names.split(/,\s*/).filter(Boolean), itemOf(text) ?? made);
      const [, returned] = /^\s+return (.+)$/.exec(line) ?? [];
      if (returned !== undefined && returned !== 'None' && values.valueOf(returned).is === 'zeros')
        zeroMethods.add(`${className}.${method}`);
    }
    beyond ??= calls.misplaced();
  }
  return { beyond: beyond ?? unread(classes, values.read), zeroMethods };
}

/** A module with weights that nothing calls, so that it stands in no row. */
function unread(classes: ClassAttributes, read: ReadonlySet<string>): string | undefined {
  for (const [className, attributes] of classes) {
    if (className.startsWith('__torch__.torch.')) continue;
    for (const [name, type] of attributes)
      if (type.startsWith('__torch__.') && !unweighted.test(type) && !read.has(`${className}.${name}`))
        return name;
  }
  return undefined;
}

/** Of a list's item, whose name is a text, the whole of what makes it. */
function itemOf(text: string): string | undefined {
  return / = (getattr\(\w+, "\w+"\))$/.exec(text)?.[1];
}
