import type * as vscode from 'vscode';
import { createMessageConnection, type MessageConnection } from 'vscode-jsonrpc/node';
import { ChannelReader, ChannelWriter, type MessageChannelEnd } from '../../protocol/messageChannel.ts';

/** JSON-RPC with a webview's page over postMessage. */
export function connectToPage(webview: vscode.Webview): MessageConnection {
  const end: MessageChannelEnd = {
    listen: (receive) => webview.onDidReceiveMessage(receive),
    // False where the page is hidden or gone: it asks for its content again when it comes back.
    post: (message) => webview.postMessage(message),
  };
  return createMessageConnection(new ChannelReader(end), new ChannelWriter(end));
}
