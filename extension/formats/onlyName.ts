/** The one name in a folder that ends so, in capitals or small letters; undefined where there are none or several. */
export function onlyName(names: readonly string[], ending: string): string | undefined {
  const [only, another] = names.filter((name) => name.toLowerCase().endsWith(ending));
  return another === undefined ? only : undefined;
}
