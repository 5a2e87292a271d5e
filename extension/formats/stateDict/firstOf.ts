/** So many names at most stand in one message. */
const mostNames = 20;

export function firstOf(names: readonly string[]): readonly string[] {
  return names.length > mostNames ? [...names.slice(0, mostNames), '…'] : names;
}
