import { jsonFault } from '../jsonFault.ts';
import { largestJson } from '../largestJson.ts';

/**
 * The class of a model that its author wrote as a subclass of `keras.Model`, by the JSON of its configuration: that holds no layers, but
 * what the class itself says of how it is made, and the code is in no file. Undefined of every other model, and where it is no
 * configuration.
 */
export function ownClass(configText: string): string | undefined {
  const model = configText.length <= largestJson && !jsonFault(configText) ? parsed(configText) : null;
  const className = model?.class_name;
  // An own class may be called `Model`, too.
  if (typeof className !== 'string' || className === 'Sequential' || className === 'Functional')
    return undefined;
  const config = (model?.config ?? {}) as Readonly<Record<string, unknown>>;
  const isNetwork =
    Array.isArray(config.layers) && [config.input_layers, config.output_layers].every(isStructure);
  return isNetwork ? undefined : className;
}

/**
 * Whether a layer is of a class of its author's own: Keras registers those as `package>name`, and in a `.keras` their module is not Keras'.
 */
export function isOwnLayer(layer: Readonly<Record<string, unknown>>): boolean {
  const names = [layer.class_name, layer.registered_name].filter((name) => typeof name === 'string');
  const { module } = layer;
  const elsewhere =
    typeof module === 'string' && !/^(keras|keras_core|tf_keras|tensorflow)(\.|$)/.test(module);
  return elsewhere || names.some((name) => name.includes('>'));
}

/** A list or a dict. */
function isStructure(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function parsed(json: string): { readonly class_name?: unknown; readonly config?: unknown } | null {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
