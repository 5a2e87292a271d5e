import { UserError } from '../protocol/userError.ts';
import { type CsvTable, describeColumns, isNumber } from './csvTable.ts';

/** A column of numbers. */
export interface Column {
  readonly name: string;
  readonly values: Float64Array;
}

/** The columns that samples are cut from. */
export interface ChosenColumns {
  readonly x: readonly Column[];
  /** None: the samples have no targets. */
  readonly y: readonly Column[];
}

/**
 * The columns that `--x` and `--y` name by header or by index from 0; a name wins over an index. Absent `--x`: all
 * columns that begin with a number, if they are as many as the model's inputs; absent `--y`: the same columns as x, if
 * it is one or they are as many as the model's outputs, or none where unlabelled data will do. Throws columnMissing,
 * columnsAmbiguous, csvValue.
 */
export function chooseColumns(
  table: CsvTable,
  options: { readonly x?: string; readonly y?: string },
  widths: { readonly inputs: number | null; readonly outputs: number | null },
  unlabelled = false,
): ChosenColumns {
  const x = options.x === undefined ? numeric(table) : positions(table, options.x);
  if (options.x === undefined && (x.length === 0 || (widths.inputs ?? x.length) !== x.length))
    throw ambiguous(table);
  if (widths.inputs !== null && x.length !== widths.inputs) {
    const { file } = table;
    const names = x.map((column) => nameOf(table, column)).join(', ');
    throw new UserError('columnCount', { file, expected: widths.inputs, found: x.length, names });
  }
  const y = options.y === undefined ? (unlabelled ? [] : x) : positions(table, options.y);
  if (options.y === undefined && y.length > 1 && y.length !== widths.outputs) throw ambiguous(table);
  const read = columnReader(table);
  return { x: x.map(read), y: y.map(read) };
}

function positions(table: CsvTable, text: string): number[] {
  const { file, header, rows } = table;
  const width = header?.length ?? rows[0].cells.length;
  return text.split(',').map((part) => {
    const name = part.trim();
    const named = header?.indexOf(name) ?? -1;
    if (named >= 0) return named;
    if (/^\d+$/.test(name) && Number(name) < width) return Number(name);
    throw new UserError('columnMissing', { file, column: name, found: describeColumns(table) });
  });
}

/** Columns whose first value is a number; dates and names are not. */
function numeric({ rows }: CsvTable): number[] {
  return (rows[0]?.cells ?? []).flatMap((cell, column) => (isNumber(cell) ? [column] : []));
}

function ambiguous(table: CsvTable): UserError {
  return new UserError('columnsAmbiguous', { file: table.file, found: describeColumns(table) });
}

function nameOf({ header }: CsvTable, column: number): string {
  return header?.[column] || String(column);
}

/** Reads each column once. */
function columnReader(table: CsvTable): (column: number) => Column {
  const read = new Map<number, Column>();
  return (column) => {
    const known = read.get(column);
    if (known) return known;
    const fresh = { name: nameOf(table, column), values: valuesOf(table, column) };
    read.set(column, fresh);
    return fresh;
  };
}

function valuesOf(table: CsvTable, column: number): Float64Array {
  const values = new Float64Array(table.rows.length);
  // A column with decimal points has no decimal commas: there a comma may group thousands, which is not guessed at.
  const comma = table.decimalComma && !table.rows.some(({ cells }) => cells[column]?.includes('.'));
  for (const [i, { number, cells }] of table.rows.entries()) {
    const cell = cells[column] ?? '';
    const text = comma ? cell.replace(',', '.') : cell;
    if (!isNumber(text) || text.includes(',')) {
      throw new UserError('csvValue', {
        file: table.file,
        row: number,
        column: nameOf(table, column),
        value: cell,
      });
    }
    values[i] = Number(text);
  }
  return values;
}
