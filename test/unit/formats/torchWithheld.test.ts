import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type InferredGraph, inferredGraph } from '../../../extension/formats/stateDict/inferredGraph.ts';
import { modulesOf } from '../../../extension/formats/stateDict/modules.ts';
import {
  called,
  global,
  instance,
  orderedDict,
  type Pickled,
  type Special,
  tuple,
} from '../../support/pickle.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { floats, parameter, tensor, torchZip } from '../../support/torchFile.ts';
import { withTorch } from './torchContents.ts';

const write = scratchFiles();
const storages = { 0: floats(1, 2), 1: floats(3, 4), 2: floats(5, 6) };
const square = tensor({ storage: '0', numel: 2, shape: [1, 1] });
const recurrent = tensor({ storage: '1', numel: 2, shape: [1, 1] });
const other = tensor({ storage: '2', numel: 2, shape: [1, 2] });
const state = { 'rnn.weight_ih_l0': square, 'rnn.weight_hh_l0': recurrent };

function map(entries: Record<string, Pickled>): Map<string, Pickled> {
  return new Map(Object.entries(entries));
}

function moduleOf(className: Special, attributes: Record<string, Pickled>): Special {
  const groups = { _parameters: map({}), _buffers: map({}), _modules: map({}) };
  return instance(className, map({ ...groups, ...attributes }));
}

const activation = () => moduleOf(global('torch.nn.modules.activation', 'ReLU'), {});
/** An nn.RNN of one unit; it has its weights a second time, as PyTorch's own have, also as they were computed last. */
const rnn = () =>
  moduleOf(global('torch.nn.modules.rnn', 'RNN'), {
    _parameters: map({ weight_ih_l0: parameter(square), weight_hh_l0: parameter(recurrent) }),
    _flat_weights: [parameter(square)],
    weight_hh_l0: other,
  });
/** A module of the user's own around an nn.RNN. */
function net(children: Record<string, Pickled>, attributes: Record<string, Pickled> = {}): Special {
  return moduleOf(global('my.models', 'Net'), { _modules: map({ rnn: rnn(), ...children }), ...attributes });
}

/** What packs the weights of a quantised layer, and what a state dict has of them. */
const quantised = called(global('torch._utils', '_rebuild_qtensor'), [null, 0, tuple(1, 1)]);
const packedLinear = () =>
  moduleOf(global('torch.ao.nn.quantized.dynamic.modules.linear', 'Linear'), {
    _modules: map({
      _packed_params: moduleOf(global('torch.ao.nn.quantized.modules.linear', 'LinearPackedParams'), {
        dtype: global('torch', 'qint8'),
        _packed_params: instance(global('torch', 'ScriptObject'), tuple(quantised, null)),
      }),
    }),
  });
const packedScript = () =>
  instance(
    global('__torch__.torch.ao.nn.quantized.modules.linear', 'LinearPackedParams'),
    map({
      _packed_params: instance(
        global('__torch__.torch.classes.quantized', 'LinearPackedParamsBase'),
        tuple(quantised, null),
      ),
    }),
  );

function inferredFrom(saved: Pickled): Promise<InferredGraph> {
  return withTorch(write('net.pt', torchZip({ saved, storages })), ({ stateDict }) =>
    inferredGraph(modulesOf(stateDict, 'net.pt'), 'net.pt', { stem: write('none', '') }),
  );
}

/** Why there is no graph, or undefined where one is inferred. */
async function reason(saved: Pickled): Promise<unknown> {
  const found = await inferredFrom(saved);
  if (!('notEvaluable' in found)) return undefined;
  const { code, args } = found.notEvaluable.cause ?? {};
  return [code, args?.module ?? args?.tensor];
}

/** The tensors that the graph is said to leave aside; undefined where there is no word of any. */
async function aside(saved: Pickled): Promise<unknown> {
  const found = await inferredFrom(saved);
  assert.ok('graph' in found, JSON.stringify(found));
  return found.graph.assumptions?.find(({ code }) => code === 'noteTensorsAside')?.args.tensors;
}

describe('weights that are not among those that are named', () => {
  test('of a quantised layer are packed, in a whole module, a script and a state dict', async () => {
    const packed = ['reasonModulePacked', 'fc'];
    assert.deepEqual(await reason(net({ fc: packedLinear() })), packed);
    assert.deepEqual(
      await reason(
        orderedDict(
          map({ ...state, 'fc.scale': other, 'fc._packed_params._packed_params': tuple(quantised, null) }),
        ),
      ),
      packed,
    );
    assert.deepEqual(await reason(orderedDict(map({ ...state, 'fc.weight': quantised }))), packed);
    const script = instance(
      global('__torch__.my.models', 'Net'),
      map({
        rnn: instance(
          global('__torch__.torch.nn.modules.rnn', 'RNN'),
          map({ weight_ih_l0: square, weight_hh_l0: recurrent }),
        ),
        fc: instance(
          global('__torch__.torch.ao.nn.quantized.dynamic.modules.linear', 'Linear'),
          map({ _packed_params: packedScript() }),
        ),
      }),
    );
    assert.deepEqual(await reason(script), packed);
  });

  test('are named where they are no plain tensors of floats', async () => {
    const sparse = called(global('torch._utils', '_rebuild_sparse_tensor'), [null, tuple()]);
    const bytes = tensor({ storage: '2', numel: 8, shape: [2, 1], type: 'CharStorage' });
    for (const weight of [sparse, bytes])
      assert.deepEqual(await reason(orderedDict(map({ ...state, 'fc.weight': weight }))), [
        'reasonTensorUnread',
        'fc.weight',
      ]);
    const counter = tensor({ storage: '2', numel: 1, shape: [], type: 'LongStorage' });
    assert.equal(await reason(orderedDict(map({ ...state, 'fc.num_batches_tracked': counter }))), undefined);
  });

  test('make their module unknown where they are weights that no state dict lists', async () => {
    const linear = () =>
      moduleOf(global('torch.nn.modules.linear', 'Linear'), {
        _parameters: map({ weight: parameter(other) }),
      });
    const leftOut = called(global('builtins', 'set'), [['mask']]);
    const own = (attributes: Record<string, Pickled>) =>
      net({ extra: moduleOf(global('my.models', 'Extra'), attributes) });
    for (const attributes of [
      { scales: [parameter(other)] },
      { scales: map({ all: [parameter(other)] }) },
      { heads: [linear()] },
      { heads: [moduleOf(global('my.models', 'Heads'), { all: [linear()] })] },
      { _buffers: map({ mask: other }), _non_persistent_buffers_set: leftOut },
    ] satisfies Record<string, Pickled>[])
      assert.deepEqual(await reason(own(attributes)), ['reasonModuleUnknown', 'extra']);
    assert.deepEqual(await reason(net({}, { heads: [linear()] })), ['reasonModuleUnknown', 'my.models.Net']);
    const wrapped = moduleOf(global('torch.nn.parallel.data_parallel', 'DataParallel'), {
      _modules: map({ module: net({}, { heads: [linear()] }) }),
    });
    assert.deepEqual(await reason(wrapped), ['reasonModuleUnknown', 'my.models.Net']);
    const foreign = called(global('my.models', 'restored'), ['state']);
    assert.deepEqual(await reason(net({ foreign })), ['reasonModuleUnknown', 'foreign']);
  });

  test('are none where they are plain tensors of attributes, which are named as left aside', async () => {
    const hidden = tuple(other, other);
    assert.deepEqual(await aside(net({}, { hidden, lr: other })), ['hidden', 'lr']);
    const inner = moduleOf(global('my.models', 'Inner'), { seen: map({ best: [other] }) });
    assert.deepEqual(await aside(net({ inner })), ['inner.seen']);
    assert.equal(await aside(net({}, { cell: square })), undefined);
  });

  test('are none where PyTorch’s own modules hold them beside what their code knows of', async () => {
    const leftOut = called(global('builtins', 'set'), [['mask']]);
    const act = moduleOf(global('torch.nn.modules.activation', 'ReLU'), {
      _buffers: map({ mask: other }),
      _non_persistent_buffers_set: leftOut,
    });
    assert.deepEqual(await aside(net({ act })), ['act.mask']);
  });

  test('are none of a loss of PyTorch’s, and of what is called one in a state dict', async () => {
    const weighted = (...className: [string, string]) =>
      moduleOf(global(...className), { _buffers: map({ weight: other }) });
    const loss = weighted('torch.nn.modules.loss', 'CrossEntropyLoss');
    assert.deepEqual(await aside(net({ anything: loss })), ['anything.weight']);
    const own = weighted('my.models', 'FocalLoss');
    assert.deepEqual(await reason(net({ criterion: own })), ['reasonModuleUnknown', 'criterion']);
    const one = tensor({ storage: '2', numel: 2, shape: [1] });
    for (const name of ['criterion', 'model.loss_fn', 'loss'])
      assert.deepEqual(await aside(orderedDict(map({ ...state, [`${name}.weight`]: one }))), [
        `${name}.weight`,
      ]);
    assert.equal(await reason(orderedDict(map({ ...state, 'glossy.weight': one }))), undefined);
  });

  test('are computed from others by weight_norm, spectral_norm and parametrizations, which is said of their module', async () => {
    for (const weights of [
      { 'fc.weight_g': other, 'fc.weight_v': other },
      { 'fc.weight_orig': other, 'fc.weight_u': other, 'fc.weight_v': other },
      { 'fc.bias': other, 'fc.parametrizations.weight.original0': other },
      { 'fc.parametrizations.weight.original': other, 'fc.parametrizations.weight.0._u': other },
    ])
      assert.deepEqual(await reason(orderedDict(map({ ...state, ...weights }))), [
        'reasonModuleComputed',
        'fc',
      ]);
  });

  test('may be those of a root that has neither a name nor a class', async () => {
    const rootless = orderedDict(map({ weight_ih_l0: square, weight_hh_l0: recurrent, scale: other }));
    assert.deepEqual(await reason(rootless), ['reasonModelUnknown', undefined]);
  });

  test('are none where attributes hold what is named, or no weights', async () => {
    assert.equal(
      await reason(net({}, { cell: parameter(square), act: [activation()], none: null })),
      undefined,
    );
    const steps = tensor({ storage: '2', numel: 1, shape: [], type: 'LongStorage' });
    assert.equal(await reason(net({ act: activation() }, { steps, sizes: [1, 2] })), undefined);
  });
});
