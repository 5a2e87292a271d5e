import type { GraphDef, Operation } from './graphDef.ts';

/** Operations that run together: those of the graph, or of a function where something calls it. */
export interface Scope {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly parameters: readonly string[];
  /** What runs the function, and where that stands. */
  readonly caller?: { readonly operation: Operation; readonly scope: Scope };
}

/** Functions call functions; a hostile graph calls without end. */
const mostScopes = 4096;

/** The graph and every call of a function in it. */
export function scopesOf({ operations, functions }: GraphDef): Scope[] {
  const scopes: Scope[] = [{ operations, parameters: [] }];
  for (const scope of scopes) {
    for (const operation of scope.operations.values()) {
      const called = operation.body === undefined ? undefined : functions.get(operation.body);
      if (called && scopes.length < mostScopes) scopes.push({ ...called, caller: { operation, scope } });
    }
  }
  return scopes;
}

/** The operation that puts out what is read by this name; undefined for a parameter. */
export function makerOf({ operations }: Scope, input: string): Operation | undefined {
  return operations.get(input.split(':')[0]);
}

/** What hands its first input on, whole or in part; of a loop, what stays the same in it. */
const passing = new Map<string, number>([
  ['Identity', 0],
  ['Enter', 0],
  ['RefEnter', 0],
  ['Switch', 0],
  ['Merge', 0],
  ['Squeeze', 0],
  ['StridedSlice', 0],
  ['ReadVariableOp', 0],
  ['Split', 1],
]);

/**
 * The constant that is read by a name, however it comes there: through a function's parameters, into a loop, or a part of it.
 * @returns its name, undefined where something is computed
 */
export function constantOf(scope: Scope, input: string): string | undefined {
  let [where, name] = [scope, input];
  for (let steps = 0; steps < 256; steps++) {
    const maker = makerOf(where, name);
    if (maker?.op === 'Const') return maker.name;
    const next = maker ? passing.get(maker.op) : undefined;
    if (maker) {
      if (next === undefined || maker.inputs.length <= next) return undefined;
      name = maker.inputs[next];
      continue;
    }
    const place = where.parameters.indexOf(name.split(':')[0]);
    const { caller } = where;
    if (place === -1 || !caller || caller.operation.inputs.length <= place) return undefined;
    [where, name] = [caller.scope, caller.operation.inputs[place]];
  }
  return undefined;
}

const readers = new WeakMap<Scope, Map<string, Operation[]>>();

/** What reads an operation's outputs. */
export function readersOf(scope: Scope, name: string): readonly Operation[] {
  let known = readers.get(scope);
  if (!known) {
    known = new Map();
    for (const operation of scope.operations.values())
      for (const input of operation.inputs) {
        const [maker] = input.split(':');
        const own = known.get(maker);
        if (own) own.push(operation);
        else known.set(maker, [operation]);
      }
    readers.set(scope, known);
  }
  return known.get(name) ?? [];
}
