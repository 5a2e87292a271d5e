/** Names and texts of a file may hold line breaks and sequences that a terminal obeys. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

/** A report without them in any of its texts. */
export function printable<T>(report: T): T;
export function printable(report: unknown): unknown {
  if (typeof report === 'string') return oneLine(report);
  if (Array.isArray(report)) return report.map((item) => printable(item));
  if (typeof report !== 'object' || report === null) return report;
  return Object.fromEntries(Object.entries(report).map(([key, value]) => [key, printable(value)]));
}
