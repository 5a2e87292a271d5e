import { entryOf } from '../entryOf.ts';
import { counted, moving, placeOf, sizeOf, sizesOf } from './scriptAxes.ts';
import { cutHalves } from './scriptHalves.ts';
import { layerFor } from './scriptLayers.ts';
import { countOf, gathered, leastOf, lined, listed, stacked, unbound } from './scriptLists.ts';
import { layerIn, operatorIn, type ScriptModel } from './scriptModel.ts';
import { isRecurrent } from './scriptOperands.ts';
import { selected, shownOperator, slicedOf } from './scriptParts.ts';
import { joined, joinedAxis } from './scriptRecurrent.ts';
import {
  featuresOf,
  itemsOf,
  none,
  numberIn,
  numberOf,
  numbersIn,
  other,
  type ScriptValue,
  type TensorValue,
  truthOf,
  unknown,
  unknownIn,
  zeros,
} from './scriptValues.ts';

/** Operators that hand on what they are given. */
const passing = /^(?:contiguous|detach|to|clone|alias|requires_grad|dropout)$/;
/** uint8, int8, int16, int32, int64 and bool, as PyTorch counts its types. */
const wholeTypes = new Set([0, 1, 2, 3, 4, 11]);
const making = /^(?:zeros|zeros_like|new_zeros)$/;
/** What leaves zeros zeros. */
const ofZeros =
  /^(?:unsqueeze|squeeze|transpose|permute|select|slice|view|reshape|expand|repeat|index_select)$/;

/** What cuts an axis into parts. */
const cutting = /^(?:chunk|split|split_with_sizes|tensor_split)$/;

/** What leaves padding out, by lengths that code alone has. */
const packing = 'pack_padded_sequence';
/** What is gone through for one value. */
const mostLayers = 300;
const mostAxes = 8;

/** Whether what an operator makes may have the numbers of what it is given: what changes one in place changes both. */
export function isView(name: string): boolean {
  const operator = operatorIn(name);
  return (
    entryOf(moving, operator) !== undefined ||
    passing.test(operator) ||
    cutting.test(operator) ||
    /^(?:select|slice|unbind)$/.test(operator)
  );
}

/** What an operator of PyTorch makes of what it is given. */
export function operated(name: string, args: readonly ScriptValue[], model: ScriptModel): ScriptValue {
  const shown = shownOperator(name, operatorIn(name), args);
  const made = madeBy(shown, operatorIn(name), args, model);
  if (made.is !== 'tensor' || made.by !== undefined || args.includes(made)) return made;
  return { ...made, by: shown };
}

function madeBy(
  name: string,
  operator: string,
  args: readonly ScriptValue[],
  model: ScriptModel,
): ScriptValue {
  const [x = none] = args;
  if (/^_pack_/.test(operator)) return unknown(packing);
  const asked = askedOf(operator, args);
  if (asked) return asked;
  if (making.test(operator)) return zeros;
  // Recurrent operators say themselves what states they begin with.
  const lost = unknownIn(isRecurrent(operator) ? x : itemsOf(...args));
  if (lost) return lost;
  if (x.is === 'zeros') return passing.test(operator) || ofZeros.test(operator) ? zeros : unknown(name);
  const numbers = args.flatMap((value) => (value.is === 'number' ? [value] : []));
  if (numbers.length === args.length && numbers.length > 0)
    return /^(?:int|NumToTensor)$/.test(operator) ? numbers[0] : (counted(operator, numbers) ?? numberOf());
  if (operator === 'cat' || operator === 'stack') return joinedList(operator, args, model) ?? unknown(name);
  const tensors = (isRecurrent(operator) ? [x] : args).flatMap((value) =>
    value.is === 'tensor' ? [value] : [],
  );
  // An embedding takes its table first.
  const [value] = tensors;
  if (!value || tensors.length > 1 || value.layers.length > mostLayers || value.axes.length > mostAxes)
    return unknown(name);
  if (operator === 'embedding') return embedded(args, name, model);
  return ofTensor(value, operator, name, args, model);
}

function ofTensor(
  x: TensorValue,
  operator: string,
  name: string,
  args: readonly ScriptValue[],
  model: ScriptModel,
): ScriptValue {
  const moves = entryOf(moving, operator);
  const { isState: _, by: __, ...plain } = x;
  if (moves) {
    const axes = moves(x, args.slice(1));
    return axes ? joinedAxis({ ...plain, axes, moved: name }) : unknown(name);
  }
  if (operator === 'unbind') return unbound(plain, args, name);
  if (cutting.test(operator)) return cutHalves(operator, plain, args, name);
  if (operator === 'slice') return slicedOf(plain, args, name, model);
  if (operator === 'select') {
    const [, axis, index] = args;
    const at = placeOf(axis, x.axes.length);
    return at === undefined || index?.is !== 'number'
      ? unknown(name)
      : selected(plain, at, index, name, model);
  }
  if (operator === 'expand' || operator === 'repeat') return unknown(name);
  const layer = layerFor(operator);
  if (layer)
    return x.states && operator !== 'dropout'
      ? unknown(x.states.half === undefined ? 'h_n' : (x.by ?? name))
      : layer(plain, args, name, model);
  // As whole numbers only tokens stay what they are.
  const isRounded = operator === 'to' && wholeTypes.has(numberIn(args[1]) ?? -1) && x.layers.length > 0;
  return passing.test(operator) && !isRounded ? x : unknown(name);
}

/** (values, axis) of what is side by side, or one step behind the other. */
function joinedList(
  operator: 'cat' | 'stack',
  [list = none, axis]: readonly ScriptValue[],
  model: ScriptModel,
): ScriptValue | undefined {
  const steps = list.is === 'items' ? gathered(list.items, model) : list.is === 'slices' ? list : undefined;
  if (operator === 'stack') return steps && stacked(steps, axis);
  return (steps && lined(steps, axis)) ?? joined(listed(list, model), axis ?? numberOf(0));
}

/** (table, tokens) */
function embedded(args: readonly ScriptValue[], name: string, model: ScriptModel): ScriptValue {
  const layer = layerIn(name, args, model);
  const [, tokens] = args;
  if (!layer || tokens?.is !== 'tensor') return unknown(name);
  const areTokens =
    tokens.layers.length === 0 && tokens.axes.length === 2 && tokens.axes.every((own) => own.length === 1);
  if (!areTokens) return unknown(tokens.moved ?? name);
  const width = featuresOf(layer.shapeOf('weight')[1]);
  return { ...tokens, layers: [{ kind: 'embedding', name: layer.path }], axes: [...tokens.axes, width] };
}

/** What is asked of a value and changes none: sizes, types, comparisons. */
function askedOf(operator: string, args: readonly ScriptValue[]): ScriptValue | undefined {
  const [x = none, y = none] = args;
  switch (operator) {
    case 'size': {
      if (x.is === 'weight' || x.is === 'zeros' || x.is === 'unknown')
        return args.length > 1 ? numberOf() : other;
      if (x.is !== 'tensor') return undefined;
      const at = placeOf(y, x.axes.length);
      return args.length === 1 ? sizesOf(x) : at === undefined ? numberOf() : sizeOf(x.axes[at]);
    }
    case 'dim':
      return numberOf(x.is === 'tensor' ? x.axes.length : undefined);
    case 'len':
      return countOf(x);
    case 'min':
      return leastOf(x);
    case '__is__':
    case '__isnot__': {
      const isNone = x.is === 'none';
      const isKnown = y.is === 'none' && x.is !== 'other';
      return truthOf(isKnown ? isNone === (operator === '__is__') : undefined);
    }
    case '__not__':
      return truthOf(x.is === 'truth' && x.value !== undefined ? !x.value : undefined);
    case '__contains__': {
      const all = numbersIn(x);
      const own = numberIn(y);
      return truthOf(all && own !== undefined ? all.includes(own) : undefined);
    }
    case '__and__':
    case '__or__':
      return x.is === 'truth' ? truthOf() : undefined;
    case 'format':
    case 'warn':
    case 'device':
    case 'dtype':
    case 'list':
      return operator === 'list' && x.is === 'items' ? x : other;
    case 'eq':
    case 'ne': {
      return [x, y].some(({ is }) => /^(?:number|tensor|weight|zeros|unknown)$/.test(is))
        ? undefined
        : truthOf();
    }
    default:
      return undefined;
  }
}
