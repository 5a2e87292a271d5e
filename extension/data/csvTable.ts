import { readFile } from 'node:fs/promises';
import Papa from 'papaparse';
import { UserError } from '../protocol/userError.ts';
import { damaged, sizeOfFile } from './files.ts';

/** A row of text cells. */
export interface CsvRow {
  /** Counted from 1 in the file, header and blank lines included. */
  readonly number: number;
  readonly cells: readonly string[];
}

export interface CsvTable {
  readonly file: string;
  /** Undefined where the file begins with values. */
  readonly header?: readonly string[];
  readonly rows: readonly CsvRow[];
  /** Numbers may have a decimal comma: the comma does not part the columns. */
  readonly decimalComma: boolean;
}

/** Text beyond this does not fit into one string. */
const largestText = 512 * 2 ** 20 - 64;
/** Values that are missing or not finite; they do not make a first row a header. */
const missing = /^[+-]?(nan|na|n\/a|null|none|inf|infinity)$/i;
const number = /^[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?$/i;

/** Reads a .csv: comma, semicolon or tab, quotes, a byte order mark, blank lines. Throws dataDamaged, fileTooLarge. */
export async function readCsv(file: string): Promise<CsvTable> {
  const size = await sizeOfFile(file);
  if (size > largestText) {
    throw new UserError('fileTooLarge', { file, needed: size, limit: largestText });
  }
  const text = decode(await readFile(file));
  if (text === undefined) throw damaged(file, 'reasonNoText');
  return parseCsv(file, text);
}

/** Parses the text of a .csv; `file` is for messages. */
function parseCsv(file: string, text: string): CsvTable {
  const delimiter = delimiterOf(text);
  const { data, errors } = Papa.parse<string[]>(text, { delimiter });
  const [error] = errors;
  if (error) throw damaged(file, 'reasonCsvRow', { row: (error.row ?? 0) + 1, detail: error.message });
  const rows = data
    .map((cells, i) => ({ number: i + 1, cells: cells.map((cell) => cell.trim()) }))
    .filter(({ cells }) => cells.length > 1 || cells[0] !== '');
  const decimalComma = delimiter !== ',';
  if (rows.length === 0) throw damaged(file, 'reasonEmpty');
  if (!isHeader(rows[0].cells, rows[1]?.cells)) return { file, rows, decimalComma };
  return { file, header: rows[0].cells, rows: rows.slice(1), decimalComma };
}

/** Names for messages: the header, or the indices. */
export function describeColumns({ header, rows }: CsvTable): string {
  return (header ?? rows[0].cells.map((_, column) => column)).join(', ');
}

/** Text that a number may be written as. */
export function isNumber(cell: string): boolean {
  return number.test(cell);
}

/** A header holds neither numbers nor missing values, or has an empty corner above the values (pandas' numbered columns). */
function isHeader(cells: readonly string[], next: readonly string[] | undefined): boolean {
  if (cells.length > 1 && cells[0] === '' && next?.[0]) return true;
  return cells.every((cell) => !isNumber(cell) && !missing.test(cell)) && cells.some((cell) => cell !== '');
}

/** What parts the first line's cells, quoted text aside. A semicolon or tab wins over the comma, which may be decimal. */
function delimiterOf(text: string): string {
  const [first] = text
    .trimStart()
    .replaceAll(/"[^"]*"/g, '')
    .split(/\r?\n|\r/, 1);
  return [';', '\t'].find((candidate) => first.includes(candidate)) ?? ',';
}

/** UTF-8, UTF-16 with its mark (spreadsheets' "Unicode text"), else Windows-1252; undefined where it is not text. */
function decode(bytes: Buffer): string | undefined {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = utf16 ? new TextDecoder('utf-16le').decode(bytes) : utf8(bytes);
  const control = /(?![\t-\r])\p{Cc}/u;
  return control.test(text) ? undefined : text;
}

function utf8(bytes: Buffer): string {
  try {
    // The decoder drops a byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
