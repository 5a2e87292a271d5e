import { longestLine, scriptLines } from './scriptLines.ts';

/** `dropout : Final[float] = 0.5` */
const constant = /^\s+(\w+) : Final\[(?:int|float|bool|str)\] = (.+)$/;
/** Tracing leaves no options, only what comes of them: torch.layer_norm(x, [8], weight, bias, eps), torch.batch_norm(…, training, momentum, eps, …) */
const epsilon =
  /torch\.(?:layer_norm\(\w+, \[\d+\], \w+, \w+|batch_norm\(.*, (?:True|False|\w+), [\d.e-]+), ([\d.]+(?:e-\d+)?)/;

/**
 * The options of modules that a TorchScript archive states in its code alone, by the name of the class: every module that differs from
 * another in them has a class of its own.
 */
export function scriptOptions(sources: ReadonlyMap<string, string>): Map<string, Map<string, unknown>> {
  const found = new Map<string, Map<string, unknown>>();
  for (const [file, source] of sources)
    for (const { text, className } of scriptLines(file, source)) {
      if (className === undefined || text.length > longestLine) continue;
      const options = found.get(className) ?? new Map<string, unknown>();
      found.set(className, options);
      const [, name, value] = constant.exec(text) ?? [];
      if (name !== undefined) options.set(name, literalOf(value));
      const [, small] = epsilon.exec(text) ?? [];
      if (small !== undefined && !options.has('eps')) options.set('eps', Number(small));
      if (text.includes('torch.rnn_relu(')) options.set('nonlinearity', 'relu');
    }
  return found;
}

function literalOf(text: string): unknown {
  if (text === 'True' || text === 'False') return text === 'True';
  return /^"[^"\\]*"$/.test(text) ? text.slice(1, -1) : Number(text);
}
