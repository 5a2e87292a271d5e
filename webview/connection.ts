import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageConnection,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc/browser';
import type { VsCodeApi } from './vscodeApi.ts';

/** JSON-RPC with the host over postMessage. */
export function connectToHost(api: VsCodeApi): MessageConnection {
  return createMessageConnection(new WindowReader(), new HostWriter(api));
}

class WindowReader extends AbstractMessageReader implements MessageReader {
  listen(callback: DataCallback): Disposable {
    const onMessage = ({ data }: MessageEvent) => {
      // Other scripts of the frame post messages of their own.
      if (data?.jsonrpc === '2.0') callback(data as Message);
    };
    window.addEventListener('message', onMessage);
    return { dispose: () => window.removeEventListener('message', onMessage) };
  }
}

class HostWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #api: VsCodeApi;

  constructor(api: VsCodeApi) {
    super();
    this.#api = api;
  }

  async write(message: Message): Promise<void> {
    this.#api.postMessage(message);
  }

  end(): void {}
}
