/** The flag of a recipe key, without its dashes: `learning-rate` of `learningRate`. */
export function flagName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
