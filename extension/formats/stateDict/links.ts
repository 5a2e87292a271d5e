import { outputSize } from '../../model/recurrentLayer.ts';
import { type DescribedKind, recurrentKinds } from '../../protocol/modelDescription.ts';
import type { Modules, PlainModule } from './modules.ts';
import type { RecurrentModule } from './recurrentModules.ts';

/** A module as something that turns features of one width into features of another. */
export interface Link {
  readonly name: string;
  readonly kind: DescribedKind;
  /** Undefined of token ids. */
  readonly from: number | undefined;
  readonly to: number;
  /** Of an embedding. */
  readonly vocabulary?: number;
}

export function isRecurrent({ kind }: Link): boolean {
  return recurrentKinds.some((own) => own === kind);
}

/** For each module what it can be, in the file's order. */
export function linksOf({ recurrent, plain, order }: Modules): Link[][] {
  const links = new Map<string, Link[]>();
  for (const module of plain)
    links.set(
      module.path,
      module.kinds.map((kind) => plainLink(module, kind)),
    );
  for (const module of recurrent) links.set(module.path, [recurrentLink(module)]);
  return order.flatMap((path) => {
    const own = links.get(path);
    return own ? [own] : [];
  });
}

function recurrentLink({ path, cell, layers }: RecurrentModule): Link {
  const outputs = (layers.at(-1) ?? []).map((layer) => (layer ? outputSize(layer) : 0));
  return {
    name: path,
    kind: cell.toLowerCase() as DescribedKind,
    from: layers[0][0].inputSize,
    to: outputs.reduce((sum, width) => sum + width, 0),
  };
}

function plainLink({ path, parameters }: PlainModule, kind: PlainModule['kinds'][number]): Link {
  const [rows = 0, columns = 0] = (parameters.get('weight') ?? parameters.get('running_mean'))?.shape ?? [];
  switch (kind) {
    case 'embedding':
      return { name: path, kind, from: undefined, to: columns, vocabulary: rows };
    case 'linear':
    case 'conv1d':
      return { name: path, kind, from: columns, to: rows };
    case 'batchNorm':
    case 'layerNorm':
      return { name: path, kind, from: rows, to: rows };
  }
}
