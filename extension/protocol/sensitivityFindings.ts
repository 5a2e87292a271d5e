import { gateLabels, listOf, type Say } from './labels.ts';
import type { Numbers } from './numbers.ts';
import type { FindingLimits, GateFindings, LayerFindings } from './sensitivity.ts';
import { constantsOf, silentText } from './sensitivityTables.ts';

/** What data tells of a layer's units and gates, a sentence each: silent units, constant gates, and saturated ones. */
export function findingSentences(
  layer: LayerFindings,
  limits: FindingLimits,
  say: Say,
  numbers: Numbers,
): string[] {
  const listed = (units: readonly (number | string)[]) => listOf(units, say);
  const { gates } = layer;
  const constant = gates.filter(({ constantUnits }) => constantUnits.length > 0);
  const squashed = gates.filter(({ saturation }) => saturation !== undefined);
  const saturated = squashed.filter(({ saturation }) => (saturation?.units.length ?? 0) > 0);
  return [
    silentText(layer, limits, say, numbers, listed),
    ...constant.map((gate) =>
      say('constantOf', { gate: nameOf(gate, say), units: listed(constantsOf(gate, say, numbers)) }),
    ),
    ...(constant.length === 0 ? [say('noConstantGate')] : []),
    ...squashed.map((gate) =>
      say('shutAndOpen', {
        gate: nameOf(gate, say),
        low: numbers.percent(gate.saturation?.low ?? 0),
        high: numbers.percent(gate.saturation?.high ?? 0),
      }),
    ),
    ...saturated.map((gate) =>
      say('alwaysOf', { gate: nameOf(gate, say), units: listed(gate.saturation?.units ?? []) }),
    ),
    ...(squashed.length > 0 && saturated.length === 0 ? [say('noSaturatedGate')] : []),
  ];
}

function nameOf({ gate }: GateFindings, say: Say): string {
  return `${gate} (${say(gateLabels[gate])})`;
}
