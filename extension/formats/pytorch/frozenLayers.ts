import { operatorIn } from './scriptModel.ts';
import { type CalledLayer, calledLayer } from './scriptOperands.ts';
import type { ScriptProgram } from './scriptProgram.ts';
import type { Expression, Statement } from './scriptTree.ts';
import { extentOf, itemsOf, literal, other, type ScriptValue } from './scriptValues.ts';

/** Tensors of all layers, of which the largest known models have a few hundred: code may name a long list in each of very many lines. */
const mostTensors = 100_000;

/**
 * The layers with weights that the code of a frozen archive calls, in its order, by names that say their kinds and count them: `lstm1`,
 * `linear2`. Those that are called again are there once. All calls are looked at, wherever they stand: what is pruned does not depend on
 * whether the code can be followed.
 */
export function frozenLayers(program: ScriptProgram): Map<string, CalledLayer> {
  const layers = new Map<string, CalledLayer>();
  const counts = new Map<string, number>();
  const known = new Set<string>();
  for (const layer of calledIn(program)) {
    const key = layerKey(layer);
    if (known.has(key)) continue;
    known.add(key);
    const count = (counts.get(layer.className) ?? 0) + 1;
    counts.set(layer.className, count);
    layers.set(`${wordOf(layer.className)}${count}`, layer);
  }
  return layers;
}

/** By which a layer is known again. */
export function layerKey({ className, weights }: CalledLayer): string {
  return JSON.stringify([className, ...weights.values()]);
}

/** LSTM: `lstm`; BatchNorm1d: `batchNorm`. */
function wordOf(className: string): string {
  const [, first, rest] = /^([A-Z]+(?![a-z])|[A-Z])(.*?)(?:1d)?$/.exec(className) ?? ['', className, ''];
  return first.toLowerCase() + rest;
}

function* calledIn(program: ScriptProgram): Generator<CalledLayer> {
  let taken = 0;
  for (const { body } of program.functions()) {
    const lists = new Map<string, ScriptValue>();
    for (const statement of within(body)) {
      for (const { name, args } of callsIn(statement)) {
        const values = args.map((arg) => constantsIn(arg, lists));
        taken += values.reduce((sum, value) => sum + extentOf(value) - 1, 0);
        if (taken > mostTensors) return;
        const layer = calledLayer(operatorIn(name), values);
        if (layer && [...layer.weights.values()].every((own) => own.startsWith('CONSTANTS.'))) yield layer;
      }
      if (statement.is === 'set' && statement.value.is === 'items')
        for (const name of statement.names) lists.set(name, constantsIn(statement.value, lists));
    }
  }
}

/** All statements of a block, those within others behind them. */
function* within(statements: readonly Statement[]): Generator<Statement> {
  for (const statement of statements) {
    yield statement;
    if ('body' in statement) yield* within(statement.body);
    if (statement.is === 'if') yield* within(statement.otherwise);
  }
}

type Call = Extract<Expression, { is: 'call' }>;

/** The calls of operators in a statement, those within others first: in the order in which they are computed. */
function callsIn(statement: Statement): Call[] {
  const calls: Call[] = [];
  const add = (expression: Expression): void => {
    if (expression.is === 'items') expression.items.forEach(add);
    else if (expression.is === 'item') [expression.of, expression.index].forEach(add);
    else if (expression.is === 'call') {
      if (expression.on) add(expression.on);
      expression.args.forEach(add);
      if (!expression.on) calls.push(expression);
    }
  };
  if (statement.is === 'if') add(statement.condition);
  else if (statement.is === 'for') add(statement.over);
  else if (statement.is !== 'other') add(statement.value);
  return calls;
}

/** What stands in code as such: constants, lists of those and what is no tensor. */
function constantsIn(expression: Expression, lists: ReadonlyMap<string, ScriptValue>): ScriptValue {
  switch (expression.is) {
    case 'literal':
      return literal(expression.value);
    case 'name':
      return expression.name.startsWith('CONSTANTS.')
        ? { is: 'weight', name: expression.name }
        : (lists.get(expression.name) ?? other);
    case 'items':
      return itemsOf(...expression.items.map((item) => constantsIn(item, lists)));
    default:
      return other;
  }
}
