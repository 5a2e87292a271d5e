import type { NormPenalty, Penalty } from '../../model/penalty.ts';
import type { LayerConfig, Settings } from './config.ts';
import { layersWithin } from './lower/within.ts';
import { isOwnLayer } from './ownClass.ts';

/** What each regularizer is where the configuration is silent; the last two are those of Keras 1. */
const kinds: ReadonlyMap<string, Penalty> = new Map<string, Penalty>([
  ['l1', { l1: 0.01, l2: 0 }],
  ['l2', { l1: 0, l2: 0.01 }],
  ['l1l2', { l1: 0, l2: 0 }],
  ['orthogonalregularizer', { orthogonal: 'rows', factor: 0.01 }],
  ['weightregularizer', { l1: 0, l2: 0 }],
  ['l1l2regularizer', { l1: 0, l2: 0 }],
]);

/** Under which keys the regularizer of a layer's weight stands, by the last part of its name; the second is that of Keras 1. */
const keysByRole: ReadonlyMap<string, readonly string[]> = new Map([
  ['kernel', ['kernel_regularizer', 'W_regularizer']],
  ['recurrent_kernel', ['recurrent_regularizer', 'U_regularizer']],
  ['bias', ['bias_regularizer', 'b_regularizer']],
  ['embeddings', ['embeddings_regularizer', 'W_regularizer']],
  ['depthwise_kernel', ['depthwise_regularizer']],
  ['pointwise_kernel', ['pointwise_regularizer']],
  ['gamma', ['gamma_regularizer']],
  ['beta', ['beta_regularizer']],
  ['alpha', ['alpha_regularizer']],
]);
const weightKeys = new Set([...keysByRole.values()].flat());
const activityKey = 'activity_regularizer';

type Described = Pick<LayerConfig, 'className' | 'config'>;

/** A regularizer as a configuration writes it: undefined where there is none or it has no strength; `unknown`: it is not Keras' own. */
export function penaltyFrom(value: unknown): Penalty | 'unknown' | undefined {
  if (value === null || value === undefined) return undefined;
  const written = (typeof value === 'object' ? value : { class_name: value }) as Settings;
  const settings = (written.config ?? written) as Settings;
  const name = String(written.class_name ?? written.name);
  const kind = isOwnLayer(written) ? undefined : kinds.get(name.replaceAll('_', '').toLowerCase());
  if (!kind) return hasStrength(settings) ? 'unknown' : undefined;
  if ('orthogonal' in kind) {
    const { factor = kind.factor, mode = kind.orthogonal } = settings;
    if (!isStrength(factor) || (mode !== 'rows' && mode !== 'columns')) return 'unknown';
    return factor === 0 ? undefined : { orthogonal: mode, factor };
  }
  const [l1, l2] = [settings.l1 ?? kind.l1, settings.l2 ?? kind.l2];
  if (!isStrength(l1) || !isStrength(l2)) return 'unknown';
  return l1 === 0 && l2 === 0 ? undefined : { l1, l2 };
}

/**
 * The penalty of one of a layer's weights, undefined where it has none that is known.
 * @param role what the weight is to the layer, such as `kernel` or `query/bias`; of Keras 1 the array's name, such as `lstm_1_W_i`
 */
export function weightPenalty({ className, config }: Described, role: string): Penalty | undefined {
  const [, letter] = /_([WUb])_[a-z]$/.exec(role) ?? [];
  const name = role.slice(role.lastIndexOf('/') + 1);
  const keys = letter
    ? [`${letter}_regularizer`]
    : /^DepthwiseConv[12]D$/.test(className) && name === 'kernel'
      ? ['depthwise_regularizer']
      : (keysByRole.get(name) ?? []);
  return known(keys.map((key) => config[key]).find((value) => value));
}

/** What a layer adds for each tensor that it puts out. */
export function activityPenalty({ className, config }: Described): NormPenalty | undefined {
  // An attention hands it to the dense layers that it is made of.
  if (className === 'MultiHeadAttention') return undefined;
  const { l1, l2 } = config;
  const own = className === 'ActivityRegularization' ? { class_name: 'L1L2', config: { l1, l2 } } : undefined;
  const penalty = known(own ?? config[activityKey]);
  return penalty && !('orthogonal' in penalty) ? penalty : undefined;
}

/** Whether Keras adds something to the loss for a layer, or for one inside it, that neither of both functions above says. */
export function hasUnknownPenalty(layer: LayerConfig): boolean {
  const own = Object.entries(layer.config).some(([key, value]) => {
    if (!key.endsWith('_regularizer') || penaltyFrom(value) === undefined) return false;
    if (key === activityKey) return activityPenalty(layer) === undefined;
    return !weightKeys.has(key) || penaltyFrom(value) === 'unknown';
  });
  return own || layersWithin(layer).some(hasUnknownPenalty);
}

function known(value: unknown): Penalty | undefined {
  const penalty = penaltyFrom(value);
  return penalty === 'unknown' ? undefined : penalty;
}

function isStrength(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** Not where all strengths are 0. What an author's own regularizer does is not known, so it counts. */
function hasStrength(settings: Settings): boolean {
  const strengths = Object.values(settings).filter((value) => typeof value === 'number');
  return strengths.length === 0 || strengths.some((strength) => strength !== 0);
}
