import { open } from 'node:fs/promises';
import type { MessageCode } from '../protocol/messages.ts';
import { kindByName } from './kindByName.ts';

const headBytes = 512;
/** At the end of a table of LevelDB, which TensorFlow keeps checkpoints in (tensorflow/core/lib/io/format.h). */
const tableEnd = Buffer.from('57fb808b247547db', 'hex');

/** First bytes, in hexadecimal, that are often met under a model's name. */
const signatures: readonly [begin: RegExp, kind: MessageCode][] = [
  [/^934e554d5059/, 'contentNumpy'],
  [/^894844460d0a/, 'contentHdf5'],
  // The number that torch.save begins with outside of zip archives (torch/serialization.py).
  [/^80028a0a6cfc9c46f9206aa85019/, 'contentTorch'],
  [/^504b0304/, 'contentZip'],
  [/^1f8b/, 'contentGzip'],
  [/^800[2-5]/, 'contentPickle'],
  // The version of a SavedModel, then its first graph (tensorflow/core/protobuf/saved_model.proto).
  [/^080112/, 'contentSavedModel'],
  // Its version, then descriptions of inputs (Core ML's Model.proto).
  [/^080[1-9a-f]12([0-7].|[89a-f]...)0a/, 'contentCoreMl'],
  // A node, its name and its operation, whose name begins with a capital (tensorflow/core/framework/node_def.proto).
  [/^0a(..){1,3}0a..([2-7].)+12..(4[1-9a-f]|5[0-9a])([3-7].)+(0a|1a|22|2a)/, 'contentGraphDef'],
  // A version from 3 on, then who made it (onnx/onnx.proto).
  [/^08(0[3-9a-f]|1[0-9a-f])12/, 'contentOnnx'],
];
const texts: readonly [begin: RegExp, kind: MessageCode][] = [
  [/^$/, 'contentEmpty'],
  // Names of the entries that PyTorch and Keras write first.
  [/^PK.*\/data\.pkl/s, 'contentTorch'],
  // TorchScript begins with the numbers of its tensors, in a folder of the archive's own name.
  [/^PK.{28}[^/]+\/(data|constants)\/0/s, 'contentTorch'],
  [/^PK.{28}metadata\.json/s, 'contentKeras'],
  [/^PK.{28}[^/]+\.npy/s, 'contentArrays'],
  [/^.{4}TFL3/s, 'contentTflite'],
  [/^node \{\s+name: "/, 'contentGraphDef'],
  [/^model_checkpoint_path: "/, 'contentTensorflow'],
  [/^version https:\/\/git-lfs/, 'contentLfs'],
  [/^\s*(<\?xml[^>]*>\s*)?<net\s/, 'contentOpenVino'],
  [/^\s*<(!doctype|html|\?xml|!--)/i, 'contentHtml'],
  [/^.{8}\{"[^"]*":\s*\{/s, 'contentSafetensors'],
  // What model.to_json() gives.
  [/^\s*\{"(module": "keras[^"]*", ")?class_name": "\w+", "config"/, 'contentArchitecture'],
  [/^\s*[[{]/, 'contentJson'],
];

/** Content that tells by itself that a file has the name of another kind, and is not a damaged one of its own. */
export const telling: ReadonlySet<MessageCode> = new Set<MessageCode>([
  'contentLfs',
  'contentHtml',
  'contentNumpy',
  'contentHdf5',
  'contentGzip',
  'contentSafetensors',
  'contentTorch',
  'contentKeras',
  'contentTflite',
  'contentOnnx',
  'contentArrays',
  'contentSavedModel',
  'contentGraphDef',
  'contentOpenVino',
  'contentArchitecture',
  'contentVariables',
  'contentTensorflow',
  'contentCoreMl',
  'contentTfjsWeights',
]);

/** What a file holds that is not what its ending says, for people: by its first and last bytes, or the rest of its name. */
export async function contentKind(path: string): Promise<MessageCode> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const head = buffer.subarray(0, bytesRead);
    const [hex, text] = [head.toString('hex'), head.toString('latin1')];
    // What the names of an archive's entries tell is more than that it is one.
    const found = texts.find(([begin]) => begin.test(text)) ?? signatures.find(([begin]) => begin.test(hex));
    if (found) return found[1];
    const named = await kindByName(path);
    if (named) return named;
    const end = Buffer.alloc(tableEnd.length);
    await file.read(end, 0, end.length, Math.max(0, size - end.length));
    if (end.equals(tableEnd)) return 'contentTensorflow';
    return head.some(isControl) ? 'contentOther' : 'contentText';
  } finally {
    await file.close();
  }
}

/** A byte that no text has: below the space it has tabs, line and page breaks alone. */
function isControl(byte: number): boolean {
  return (byte < 0x20 && (byte < 9 || byte > 13)) || byte === 0x7f;
}
