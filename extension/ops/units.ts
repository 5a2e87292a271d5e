import type { GraphNode } from '../model/graph.ts';
import type { Message } from '../protocol/messages.ts';
import type { Shape } from './shape.ts';
import type { Units, UnitTrace } from './unitTrace.ts';

/** The units along every axis of a value, batch first; undefined along those of which nothing can go. */
export type Axes = readonly (Units | undefined)[];

/** A value on its way through the graph. */
export interface TracedValue {
  readonly shape: Shape;
  readonly axes: Axes;
}

/** How units travel through an operator: those of its outputs from those of its inputs. What cannot go is frozen in the trace. */
export type UnitRule<Node extends GraphNode = GraphNode> = (
  node: Node,
  inputs: readonly TracedValue[],
  trace: UnitTrace,
) => readonly Axes[];

/** Every value by itself: units stay where they are. */
export const passUnits: UnitRule = (_node, [x]) => [x.axes];

/** Removing a unit would change what becomes of the others, so none can go. */
export const needUnits: UnitRule = (node, inputs, trace) => {
  for (const { axes } of inputs) freezeAxes(axes, needed(node), trace);
  return node.outputs.map(() => []);
};

/** Units along other axes than the last are steps or the like to an operator that works on rows. */
export function onlyLast(node: GraphNode, axes: Axes, trace: UnitTrace): Units | undefined {
  freezeAxes(axes.slice(0, -1), needed(node), trace);
  return axes.at(-1);
}

export function freezeAxes(axes: Axes, reason: Message, trace: UnitTrace): void {
  for (const units of axes) if (units) trace.freeze(units.slots, reason);
}

/** Units that are 0 or not, as the operator leaves them. */
export function moved({ slots }: Units): Units {
  return { slots, keepsZero: new Uint8Array(slots.length) };
}

/** Units as a layer puts them out. */
export function unmoved(slots: Int32Array): Units {
  return { slots, keepsZero: new Uint8Array(slots.length).fill(1) };
}

export function needed({ op, origin }: GraphNode): Message {
  return { code: 'reasonUnitsNeeded', args: { layer: origin, operator: op } };
}

export function met({ op, origin }: GraphNode): Message {
  return { code: 'reasonUnitsMet', args: { layer: origin, operator: op } };
}

export function shared({ origin }: Pick<GraphNode, 'origin'>): Message {
  return { code: 'reasonUnitsShared', args: { layer: origin } };
}
