import { longestLine, scriptLines } from './scriptLines.ts';

/** `dropout : Final[float] = 0.5` */
const constant = /^\s+(\w+) : Final\[(?:int|float|bool|str)\] = (.+)$/;
/** Tracing leaves no options, only what comes of them: torch.layer_norm(x, [8], weight, bias, eps) */
const epsilon = /torch\.layer_norm\(\w+, \[\d+\], \w+, \w+, ([\d.]+(?:e-\d+)?)/;
/**
 * torch.batch_norm(…, training, momentum, eps, …); what comes behind the training is only looked at, as it may be where another match
 * begins.
 */
const batchNorm = 'torch.batch_norm(';
const batchEpsilon = /, \w+(?=, [\d.e-]+, ([\d.]+(?:e-\d+)?))/g;

/**
 * The options of modules that a TorchScript archive states in its code alone, by the name of the class: every module that differs from
 * another in them has a class of its own.
 */
export function scriptOptions(sources: ReadonlyMap<string, string>): Map<string, Map<string, unknown>> {
  const found = new Map<string, Map<string, unknown>>();
  for (const [file, source] of sources)
    for (const { text, className } of scriptLines(file, source)) {
      if (className === '' || text.length > longestLine) continue;
      const options = found.get(className) ?? new Map<string, unknown>();
      found.set(className, options);
      const [, name, value] = constant.exec(text) ?? [];
      if (name !== undefined) options.set(name, literalOf(value));
      const small = epsilon.exec(text)?.[1] ?? batchEpsilonIn(text);
      if (small !== undefined && !options.has('eps')) options.set('eps', Number(small));
      if (text.includes('torch.rnn_relu(')) options.set('nonlinearity', 'relu');
    }
  return found;
}

/** The last that can be one. No pattern goes over the line more than once: code may be made of lines that are all but matches. */
function batchEpsilonIn(text: string): string | undefined {
  const from = text.indexOf(batchNorm);
  return from < 0 ? undefined : [...text.slice(from).matchAll(batchEpsilon)].at(-1)?.[1];
}

function literalOf(text: string): unknown {
  if (text === 'True' || text === 'False') return text === 'True';
  return /^"[^"\\]*"$/.test(text) ? text.slice(1, -1) : Number(text);
}
