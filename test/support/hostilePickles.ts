import { global, instance, opcodes, type Pickled, type Special } from './pickle.ts';
import { smallTorch } from './smallTorch.ts';
import type { TorchZip } from './torchFile.ts';

/** A module that holds others where no state dict lists them: in a plain list. */
export function moduleAround(others: readonly Pickled[], attributes: Record<string, Pickled> = {}): Special {
  const groups = { _parameters: new Map(), _modules: new Map(), others };
  return instance(global('my.models', 'Net'), new Map(Object.entries({ ...groups, ...attributes })));
}

/** Each in the list of the next, from the inside out. */
export function nested(levels: number, around: (inner: Special, level: number) => Special): Special {
  let module = moduleAround([]);
  for (let level = 0; level < levels; level++) module = around(module, level);
  return module;
}

/** A module in the list of the next and in that of its neighbour: there are 2 ** levels ways to the innermost. */
export function shared(inner: Special, level: number): Special {
  const [kept, again] = memoised(inner, level);
  return moduleAround([kept, moduleAround([again])]);
}

/** A value where it stands first, and where it stands again, by its number. */
export function memoised(value: Pickled, number: number): readonly [Special, Special] {
  const place = Buffer.alloc(4);
  place.writeUInt32LE(number);
  return [
    { bytes: Buffer.concat([opcodes(value), Buffer.from('r'), place]) },
    { bytes: Buffer.concat([Buffer.from('j'), place]) },
  ];
}

/** A set as protocol 4 has it. */
export function setOf(items: readonly Pickled[]): Special {
  return {
    bytes: Buffer.concat([
      Buffer.from('\x8f(', 'latin1'),
      ...items.map(opcodes),
      Buffer.from('\x90', 'latin1'),
    ]),
  };
}

/** A checkpoint with something odd before its weights. */
export function withOdd(odd: Pickled): TorchZip {
  const { saved, ...others } = smallTorch('checkpoint');
  const entries = saved as ReadonlyMap<string, Pickled>;
  return { ...others, saved: new Map<string, Pickled>([['odd', odd], ...entries]) };
}
