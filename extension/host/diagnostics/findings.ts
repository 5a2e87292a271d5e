import { listOf } from '../../protocol/labels.ts';
import type { LayerReport } from '../../protocol/report.ts';
import { sayWith, type Translate } from '../../protocol/wording.ts';
import { type GatesLine, gateEntries, type NumberWords, shareNearZero } from './gatesText.ts';

/** Codes of the diagnostics. */
export type FindingCode = 'near-zero' | 'layer-near-zero' | 'dead-units';

export interface Finding {
  /** Index of the line that it stands on. */
  readonly line: number;
  readonly code: FindingCode;
  readonly layer: string;
  readonly text: string;
}

/**
 * A gate is mentioned from this share of near-zero weights on. Weights drawn evenly, as Keras initialises kernels, have 5 % below a tenth
 * of their mean magnitude, and normally distributed ones 6 %; a gate that has twice that was shaped by its training.
 */
export const notableShare = 0.1;

/** Units listed by number; more are counted. */
const listedUnits = 12;

/** What is worth saying about the lines of a gates text: near-zero shares of gates and layers, and dead units. */
export function findingsOf(
  file: string,
  lines: readonly GatesLine[],
  t: Translate,
  words: NumberWords,
): Finding[] {
  const findings: Finding[] = [];
  for (const [line, { layer, gate }] of lines.entries()) {
    if (!layer) continue;
    const at = { line, layer: layer.name };
    if (!gate) {
      findings.push({ ...at, code: 'layer-near-zero', text: layerText(file, layer, t, words) });
      if (layer.deadUnits.length > 0) {
        findings.push({ ...at, code: 'dead-units', text: deadText(file, layer, t) });
      }
      continue;
    }
    const { kernel, recurrent } = layer.gates[gate]!;
    const shares = [shareNearZero(kernel), shareNearZero(recurrent)];
    if (Math.max(...shares) < notableShare) continue;
    const text = t(
      '{file}: in gate {gate} of {layer}, {kernel} of the input kernel and {recurrent} of the recurrent kernel are near zero.',
      {
        file,
        gate,
        layer: layer.name,
        kernel: words.percent(shares[0]),
        recurrent: words.percent(shares[1]),
      },
    );
    findings.push({ ...at, code: 'near-zero', text });
  }
  return findings;
}

function layerText(file: string, layer: LayerReport, t: Translate, { percent }: NumberWords): string {
  const gates = gateEntries(layer).map(([name, { kernel, recurrent }]) => {
    return { name, nearZero: kernel.nearZero + recurrent.nearZero, size: kernel.size + recurrent.size };
  });
  const nearZero = gates.reduce((sum, gate) => sum + gate.nearZero, 0);
  const size = gates.reduce((sum, gate) => sum + gate.size, 0);
  return t('{file}: {near} of the weights of {layer} are near zero ({gates}), and {zero} are exactly zero.', {
    file,
    layer: layer.name,
    near: percent(shareNearZero({ nearZero, size })),
    gates: listOf(
      gates.map((gate) => `${gate.name} ${percent(shareNearZero(gate))}`),
      sayWith(t),
    ),
    zero: percent(layer.sparsity),
  });
}

function deadText(file: string, { name, deadUnits, hiddenSize }: LayerReport, t: Translate): string {
  const shown = deadUnits.length > listedUnits ? [...deadUnits.slice(0, listedUnits), '…'] : deadUnits;
  return t('{file}: {layer} has dead units ({count} of {hidden}), whose output is always 0: {units}.', {
    file,
    layer: name,
    count: deadUnits.length,
    hidden: hiddenSize,
    units: listOf(shown, sayWith(t)),
  });
}
