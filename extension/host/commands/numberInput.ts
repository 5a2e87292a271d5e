/**
 * A share typed by a person: `0.8`, `.8`, `80`, `80 %` or `0,8`. From 1 on, a number without a percent sign is a percentage, except
 * that 1 means all. Undefined where it is none from 0 to 1.
 */
export function parseShare(text: string): number | undefined {
  const match = /^(\d*[.,]?\d+|\d+[.,])\s*([%％]?)$/.exec(text.trim());
  if (!match) return undefined;
  const number = Number(match[1].replace(',', '.'));
  const share = match[2] || number > 1 ? number / 100 : number;
  return share >= 0 && share <= 1 ? share : undefined;
}

/** A positive decimal number, with a point or a comma, and perhaps an exponent: `1e-4`. Undefined for anything else. */
export function parsePositive(text: string): number | undefined {
  if (!/^(\d*[.,]?\d+|\d+[.,])(e[+-]?\d+)?$/i.test(text.trim())) return undefined;
  const number = Number(text.trim().replace(',', '.'));
  return number > 0 && Number.isFinite(number) ? number : undefined;
}

/** A number as people of the locale would type it: what parsePositive reads back as the same. */
export function numberText(value: number, locale: string): string {
  // Its digits would be too many to read, and in the end more than Intl writes.
  if (value < 1e-6) return String(value);
  return new Intl.NumberFormat(locale, {
    useGrouping: false,
    numberingSystem: 'latn',
    maximumFractionDigits: 20,
  }).format(value);
}

/** A whole number from 1 on. */
export function parseCount(text: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text.trim()) ? Number(text.trim()) : undefined;
}
