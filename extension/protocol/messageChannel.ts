import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc';

/** One end of a channel that carries whole messages, as postMessage does. */
export interface MessageChannelEnd {
  listen(receive: (message: Message) => void): Disposable;
  post(message: Message): unknown;
}

/** Reads JSON-RPC messages from one end of a channel. */
export class ChannelReader extends AbstractMessageReader implements MessageReader {
  readonly #end: MessageChannelEnd;

  constructor(end: MessageChannelEnd) {
    super();
    this.#end = end;
  }

  listen(callback: DataCallback): Disposable {
    return this.#end.listen(callback);
  }
}

/** Writes JSON-RPC messages into one end of a channel. */
export class ChannelWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #end: MessageChannelEnd;

  constructor(end: MessageChannelEnd) {
    super();
    this.#end = end;
  }

  async write(message: Message): Promise<void> {
    await this.#end.post(message);
  }

  end(): void {}
}
