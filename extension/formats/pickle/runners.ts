/** Modules of which no ordinary file names anything, and whose functions run code, reach files or the network, or lead to what does. */
const modules = new Set([
  ...[
    'os',
    'posix',
    'nt',
    'subprocess',
    'popen2',
    'pty',
    'shutil',
    'sys',
    'ctypes',
    'multiprocessing',
    'asyncio',
  ],
  ...[
    'importlib',
    'imp',
    'runpy',
    'pip',
    'bdb',
    'pdb',
    'marshal',
    'pickle',
    '_pickle',
    'cPickle',
    'dill',
    'cloudpickle',
  ],
  ...['socket', 'webbrowser', 'urllib', 'urllib2', 'http', 'httplib', 'requests', 'ftplib', 'smtplib'],
  ...['_posixsubprocess', '_winapi', 'timeit', 'cProfile', 'doctest', 'pydoc'],
]);

/** The same of a module of which ordinary files name others; getattr is in every whole module that holds a function of torch. */
const builtins = [
  'eval',
  'exec',
  'execfile',
  'compile',
  'open',
  'file',
  'input',
  'apply',
  'breakpoint',
  '__import__',
];
const files = ['open', 'open_code', 'FileIO'];
const finders = ['attrgetter', 'methodcaller'];
const functions: ReadonlyMap<string, readonly string[]> = new Map([
  ['builtins', builtins],
  ['__builtin__', builtins],
  ['types', ['CodeType', 'FunctionType']],
  ['io', files],
  ['_io', files],
  ['codecs', ['open']],
  ['code', ['interact', 'InteractiveInterpreter', 'InteractiveConsole']],
  ['profile', ['run', 'runctx']],
  ['platform', ['popen']],
  ['commands', ['getoutput', 'getstatusoutput']],
  ['pkgutil', ['resolve_name']],
  ['operator', finders],
  ['_operator', finders],
  ['torch', ['load']],
  ['torch.serialization', ['load']],
  ['torch.jit', ['load']],
  ['torch.jit._serialization', ['load']],
  ['numpy', ['load']],
  ['numpy.lib.npyio', ['load']],
  ['numpy.lib._npyio_impl', ['load']],
  ['joblib', ['load']],
  ['joblib.numpy_pickle', ['load']],
  ['pandas', ['read_pickle']],
  ['pandas.io.pickle', ['read_pickle']],
  ['torch.hub', ['load', 'load_state_dict_from_url', 'download_url_to_file']],
  ['numpy.testing._private.utils', ['runstring']],
]);

/** A name is text of any length; no path of an ordinary file is longer. */
const longestName = 100;

/**
 * The name of a function where calling it runs code or reaches files or the network, as pickles that are made to harm do; undefined of others.
 * It knows Python's own and a few more: any function of a package that is installed may do the same.
 * @param name may be a path, as `os.system` in a module that imports `os`
 */
export function runnerName(module: string, name: string): string | undefined {
  const [first] = module.split('.', 1);
  const isRunner = modules.has(first) || functions.get(module)?.includes(name) || leadsOut(module, name);
  if (!isRunner) return undefined;
  const whole = `${module}.${name}`;
  return whole.length > longestName ? `${whole.slice(0, longestName)}…` : whole;
}

/** Whether a path goes through one of those modules, or ends in a function of one of the others; one that is too long to follow counts. */
function leadsOut(module: string, name: string): boolean {
  if (name.length > longestName) return name.includes('.');
  const parts = name.split('.');
  return parts.slice(0, -1).some((part, i) => {
    const within = [part, [module, ...parts.slice(0, i + 1)].join('.')];
    return modules.has(part) || within.some((path) => functions.get(path)?.includes(parts[i + 1]));
  });
}
