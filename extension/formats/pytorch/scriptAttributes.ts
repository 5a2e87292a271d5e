import { Beyond } from './scriptBounds.ts';
import type { ScriptFacts } from './scriptModel.ts';
import type { ScriptProgram } from './scriptProgram.ts';
import {
  constantOf,
  itemsOf,
  literal,
  none,
  numberOf,
  type ScriptValue,
  truthOf,
  unknown,
} from './scriptValues.ts';

/** Letters of the way to a module. */
const longestPath = 1000;

/** An attribute of a module, as its class and the archive say it. Throws `Beyond` where modules stand in each other too deeply. */
export function attributeOf(
  owner: ScriptValue,
  name: string,
  program: ScriptProgram,
  facts: ScriptFacts,
): ScriptValue {
  if (owner.is !== 'module') return unknown(name);
  const type = program.attributesOf(owner.type).get(name) ?? '';
  const path = owner.path === '' ? name : `${owner.path}.${name}`;
  if (path.length > longestPath) throw new Beyond(name.slice(0, longestPath));
  if (name === 'training') return truthOf(false);
  if (type.startsWith('__torch__.')) return { is: 'module', path, type };
  if (type === 'NoneType' || type === 'Final[NoneType] = None') return none;
  if (name === '_flat_weights')
    return itemsOf(...facts.weightsOf(owner.path).map((own) => ({ is: 'weight', name: own }) as const));
  if (/^(?:Optional\[)?Tensor\]?$/.test(type))
    return type === 'Tensor' || facts.shapeOf(path) ? { is: 'weight', name: path } : none;
  const [, constant] = /^Final\[\w+\] = (.+)$/.exec(type) ?? [];
  if (constant !== undefined) return literal(constantOf(constant));
  const option = facts.optionOf(owner.path, name);
  if (['number', 'boolean', 'string'].includes(typeof option))
    return literal(option as number | boolean | string);
  return /^(?:int|float)$/.test(type) ? numberOf() : type === 'bool' ? truthOf() : unknown(name);
}
