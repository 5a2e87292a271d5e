import { open } from 'node:fs/promises';
import type { MessageCode } from '../protocol/messages.ts';

const headBytes = 512;
/** At the end of a table of LevelDB, which TensorFlow keeps checkpoints in (tensorflow/core/lib/io/format.h). */
const tableEnd = Buffer.from('57fb808b247547db', 'hex');

/** First bytes, in hexadecimal, that are often met under a model's name. */
const signatures: readonly [begin: string, kind: MessageCode][] = [
  ['934e554d5059', 'contentNumpy'],
  ['894844460d0a', 'contentHdf5'],
  ['504b0304', 'contentZip'],
  ['1f8b', 'contentGzip'],
  ['8002', 'contentPickle'],
  ['8003', 'contentPickle'],
  ['8004', 'contentPickle'],
  ['8005', 'contentPickle'],
];
const texts: readonly [begin: RegExp, kind: MessageCode][] = [
  [/^$/, 'contentEmpty'],
  [/^version https:\/\/git-lfs/, 'contentLfs'],
  [/^\s*<(!doctype|html|\?xml|!--)/i, 'contentHtml'],
  [/^.{8}\{"[^"]*":\s*\{/s, 'contentSafetensors'],
  [/^\s*[[{]/, 'contentJson'],
];

/** What a file holds that is not what its name says, for people, by its first and last bytes. */
export async function contentKind(path: string): Promise<MessageCode> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const head = buffer.subarray(0, bytesRead);
    const [hex, text] = [head.toString('hex'), head.toString('latin1')];
    const found =
      signatures.find(([begin]) => hex.startsWith(begin)) ?? texts.find(([begin]) => begin.test(text));
    if (found) return found[1];
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
