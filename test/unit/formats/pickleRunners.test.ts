import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readPickle } from '../../../extension/formats/pickle/read.ts';
import { called, global, instance, type Pickled, pickle, tuple } from '../../support/pickle.ts';

const runnersIn = (value: Pickled) => readPickle(pickle(value), 'x.pt').runners;
const bytes = (characters: string) => ({ bytes: Buffer.from(characters, 'latin1') });

describe('a pickle names what would run code', () => {
  for (const [what, expected, value] of [
    ['where it is called', ['posix.system'], called(global('posix', 'system'), ['ls'])],
    ['where it is handed on', ['subprocess.run'], tuple(global('subprocess', 'run'))],
    ['each once', ['os.system'], [global('os', 'system'), global('os', 'system')]],
    ['in the names of Python 2', ['__builtin__.eval'], called(global('__builtin__', 'eval'), ['1'])],
    ['in a part of a module', ['urllib.request.urlopen'], global('urllib.request', 'urlopen')],
    // The stack has nothing of it in the end.
    ['where its result is dropped', ['os.system'], bytes('cos\nsystem\n(X\x02\0\0\0lstR0N')],
    ['where it is called by INST', ['os.system'], bytes('(X\x02\0\0\0lsios\nsystem\n')],
    [
      'behind a module that imports it',
      ['torch.serialization.os.system'],
      bytes('X\x13\0\0\0torch.serializationX\x09\0\0\0os.system\x93'),
    ],
    ['behind one that only some functions of do', ['my.io.open'], global('my', 'io.open')],
    ['behind the package of its module', ['torch.serialization.load'], global('torch', 'serialization.load')],
    [
      'at the end of a path that is too long to follow',
      [`my.${'x'.repeat(97)}…`],
      global('my', `${'x'.repeat(100)}.os.system`),
    ],
    ['as code itself', ['types.CodeType'], called(global('types', 'CodeType'), [0])],
    ['cut short', [`os.${'x'.repeat(97)}…`], global('os', 'x'.repeat(100_000))],
  ] as const satisfies readonly (readonly [string, readonly string[], Pickled])[])
    test(what, () => assert.deepEqual(runnersIn(value), expected));

  for (const [module, name] of [
    ...[
      ['_posixsubprocess', 'fork_exec'],
      ['_io', 'open'],
      ['_io', 'FileIO'],
      ['code', 'interact'],
    ],
    ...[
      ['timeit', 'timeit'],
      ['cProfile', 'run'],
      ['platform', 'popen'],
      ['commands', 'getoutput'],
    ],
    ...[
      ['pydoc', 'pipepager'],
      ['pkgutil', 'resolve_name'],
      ['operator', 'attrgetter'],
    ],
    ...[
      ['_winapi', 'CreateProcess'],
      ['doctest', 'debug_script'],
      ['torch.jit', 'load'],
      ['numpy', 'load'],
    ],
    ...[
      ['joblib', 'load'],
      ['pandas', 'read_pickle'],
    ],
  ])
    test(`as ${module}.${name}`, () =>
      assert.deepEqual(runnersIn(global(module, name)), [`${module}.${name}`]));

  test('and not what other files have', () => {
    const usual = [
      ...[global('collections', 'OrderedDict'), global('torch._utils', '_rebuild_tensor_v2')],
      ...[global('builtins', 'set'), global('builtins', 'getattr'), global('torch', 'FloatStorage')],
      ...[
        global('pathlib', 'PosixPath'),
        global('argparse', 'Namespace'),
        global('copyreg', '_reconstructor'),
      ],
      ...[global('numpy.core.multiarray', '_reconstruct'), global('_codecs', 'encode')],
      ...[global('numpy.core.multiarray', 'scalar'), global('numpy', 'dtype'), global('code.models', 'Net')],
      // Words that every object of JavaScript's has.
      ...[global('constructor', 'x'), global('__proto__', 'x'), global('my', 'toString.x')],
      // Classes of the user's, nested ones among them.
      ...[instance(global('my.os.models', 'Net'), new Map()), global('models', 'Net.Config')],
    ];
    assert.deepEqual(runnersIn(usual), []);
  });
});
