import { createMessageConnection, type MessageConnection } from 'vscode-jsonrpc/browser';
import {
  ChannelReader,
  ChannelWriter,
  type MessageChannelEnd,
} from '../extension/protocol/messageChannel.ts';
import type { VsCodeApi } from './vscodeApi.ts';

/** JSON-RPC with the host over postMessage. */
export function connectToHost(api: VsCodeApi): MessageConnection {
  const end: MessageChannelEnd = {
    listen: (receive) => {
      const onMessage = ({ data }: MessageEvent) => {
        // Other scripts of the frame post messages of their own.
        if (data?.jsonrpc === '2.0') receive(data);
      };
      window.addEventListener('message', onMessage);
      return { dispose: () => window.removeEventListener('message', onMessage) };
    },
    post: (message) => api.postMessage(message),
  };
  return createMessageConnection(new ChannelReader(end), new ChannelWriter(end));
}
