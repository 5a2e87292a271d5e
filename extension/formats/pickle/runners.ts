/** Modules of which every function runs code, or reaches files or the net, or whose objects are code. */
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
]);

/** Of modules whose others do no harm. */
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
const functions: ReadonlyMap<string, readonly string[]> = new Map([
  ['builtins', builtins],
  ['__builtin__', builtins],
  ['types', ['CodeType', 'FunctionType']],
  ['io', ['open', 'open_code']],
  ['codecs', ['open']],
  ['torch', ['load']],
  ['torch.serialization', ['load']],
  ['torch.hub', ['load', 'load_state_dict_from_url', 'download_url_to_file']],
  ['numpy.testing._private.utils', ['runstring']],
]);

/** A name is text of any length. */
const longestName = 100;

/**
 * The name of a function where calling it runs code or reaches files or the net, as pickles that are made to harm do; undefined of others. It
 * knows Python's own and a few more: any function of a package that is installed may do the same.
 * @param name may be a path, as `os.system` in a module that imports `os`
 */
export function runnerName(module: string, name: string): string | undefined {
  const [first] = module.split('.', 1);
  const isRunner = modules.has(first) || functions.get(module)?.includes(name) || leadsOut(name);
  if (!isRunner) return undefined;
  const whole = `${module}.${name}`;
  return whole.length > longestName ? `${whole.slice(0, longestName)}…` : whole;
}

/** Whether a path goes through one of those modules, or ends in a function of one of the others. */
function leadsOut(name: string): boolean {
  const parts = name.length > longestName ? [] : name.split('.');
  return parts
    .slice(0, -1)
    .some((part, i) => modules.has(part) || functions.get(part)?.includes(parts[i + 1]));
}
