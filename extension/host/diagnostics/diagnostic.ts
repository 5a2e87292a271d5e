import * as vscode from 'vscode';
import type { Finding } from './findings.ts';

export const diagnosticSource = 'LSTM Pruner';

/** A finding where it stands in a text. */
export function diagnosticOf({ text, code }: Finding, range: vscode.Range): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(range, text, vscode.DiagnosticSeverity.Information);
  diagnostic.source = diagnosticSource;
  diagnostic.code = code;
  return diagnostic;
}
