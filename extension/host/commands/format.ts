import * as vscode from 'vscode';

/** A share 0…1 as a percentage in the window's language. */
export function percent(share: number): string {
  return new Intl.NumberFormat(vscode.env.language, { style: 'percent', maximumFractionDigits: 2 }).format(
    share,
  );
}
