/** What a table says of a word out of a file, which may be one that every object of JavaScript's has, as `constructor`. */
export function entryOf<T>(table: Readonly<Partial<Record<string, T>>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}
