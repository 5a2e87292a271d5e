import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** The folder that pages load from; nothing else of the disk is open to them. */
export function pageRoot(extension: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extension, 'dist', 'webview');
}

/** The page's frame: one style sheet, and one script that draws all the rest. */
export function pageHtml(webview: vscode.Webview, extension: vscode.Uri): string {
  const address = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(pageRoot(extension), name));
  const nonce = randomBytes(16).toString('base64');
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${address('panel.css')}">
  <title>LSTM Pruner</title>
</head>
<body>
  <script nonce="${nonce}" src="${address('panel.js')}"></script>
</body>
</html>
`;
}
