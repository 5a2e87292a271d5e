import { createSession } from '../../engine/createSession.ts';
import type { EngineOptions } from '../../engine/session.ts';
import { isRecurrent } from '../../model/graph.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { DataFindings } from '../../protocol/sensitivity.ts';
import { addValues, defaultSamples, type EvidenceSource } from '../evidence/gather.ts';
import { hiddenOutputs } from '../evidence/steps.ts';
import { UnitActivities } from '../evidence/units.ts';
import { GateActivities, type WatchedNode } from './gateActivities.ts';
import { dependsOnOutputs, gateGraph } from './gateGraph.ts';
import { limits } from './limits.ts';

/**
 * What data tells of hidden units: which never say anything, whose gates hardly vary, and how often gates are shut or open. Layers that the
 * graph does not have are left out, and the gates of layers with peepholes.
 * @param engine that of the source's session
 */
export async function findingsOf(
  source: Omit<EvidenceSource, 'parts' | 'fed'>,
  engine: EngineOptions,
  step?: (done: number) => Promise<void>,
): Promise<DataFindings> {
  const { graph, layers, inputs, most = defaultSamples } = source;
  const watched: WatchedNode[] = [];
  try {
    const nodes = graph.nodes.filter(isRecurrent);
    for (const node of nodes.filter(dependsOnOutputs))
      watched.push({ node, gates: await createSession(gateGraph(node), engine) });
    const units = new UnitActivities(graph, layers);
    const gates = new GateActivities(watched);
    await addValues([units, gates], { ...source, most }, step);
    const ranges = units.ranges();
    const seen = new Set(nodes.filter((node) => hiddenOutputs(node) !== undefined).map(({ layer }) => layer));
    const computed = layers.filter((layer) => seen.has(layer));
    const dead = (layer: RecurrentLayer) =>
      [...(ranges.get(layer)?.largest ?? []).entries()].filter(([, most]) => most < limits.silent);
    return {
      samples: Math.min(most, inputs[0].shape[0]),
      limits,
      layers: computed.map((layer) => ({
        layer: layer.name,
        deadUnits: dead(layer).map(([unit]) => unit),
        gates: gates.findings(layer),
      })),
    };
  } finally {
    for (const { gates } of watched) await gates.dispose();
  }
}
