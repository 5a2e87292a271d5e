/** An operation of a TensorFlow graph, as JSON writes `NodeDef`. */
export interface Operation {
  readonly name: string;
  readonly op: string;
  /** Names of what it reads, with the number of the output; what it only waits for is left out. */
  readonly inputs: readonly string[];
  /** The function that a loop or a call runs. */
  readonly body?: string;
}

/** A function of the graph's library: a body of a loop, for one. */
export interface GraphFunction {
  readonly parameters: readonly string[];
  readonly operations: ReadonlyMap<string, Operation>;
}

export interface GraphDef {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly functions: ReadonlyMap<string, GraphFunction>;
}

/** Reads a `GraphDef` from the JSON of a graph model; what is malformed in it is left out, for nothing is computed by it. */
export function graphDef(topology: Readonly<Record<string, unknown>>): GraphDef {
  const functions = list(record(topology.library).function).map((json) => {
    const { signature, nodeDef } = record(json);
    const { name, inputArg } = record(signature);
    const parameters = list(inputArg).map((argument) => String(record(argument).name));
    return [String(name), { parameters, operations: operationsOf(nodeDef) }] as const;
  });
  return { operations: operationsOf(topology.node), functions: new Map(functions) };
}

function operationsOf(nodes: unknown): Map<string, Operation> {
  return new Map(
    list(nodes).flatMap((node) => {
      const { name, op, input, attr } = record(node);
      if (typeof name !== 'string' || typeof op !== 'string') return [];
      const inputs = list(input).filter(
        (one): one is string => typeof one === 'string' && !one.startsWith('^'),
      );
      const attributes = record(attr);
      const body = record(record(attributes.body ?? attributes.f).func).name;
      return [[name, { name, op, inputs, ...(typeof body === 'string' && { body }) }] as const];
    }),
  );
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
