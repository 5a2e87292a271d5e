import { type ChildProcess, fork } from 'node:child_process';
import { dirname } from 'node:path';
import {
  type CancellationToken,
  createMessageConnection,
  ErrorCodes,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
  type RequestType,
  ResponseError,
} from 'vscode-jsonrpc/node';
import type { AutoReport } from '../../protocol/auto.ts';
import type { ConvertReport } from '../../protocol/conversion.ts';
import { removeLeftovers } from '../../protocol/leftovers.ts';
import { type Message, messages } from '../../protocol/messages.ts';
import type { EvaluateReport, InspectReport, PruneReport } from '../../protocol/report.ts';
import {
  type AutoRequest,
  autoRequest,
  type ConvertRequest,
  convertRequest,
  type EvaluateRequest,
  evaluateRequest,
  finishTraining,
  type InspectRequest,
  inspectRequest,
  type JobProgress,
  jobProgress,
  type ProbeRequest,
  type ProbeResult,
  type PruneRequest,
  probeRequest,
  pruneRequest,
  type RenderRequest,
  renderRequest,
  type SensitivityRequest,
  sensitivityRequest,
} from '../../protocol/requests.ts';
import type { SensitivityReport } from '../../protocol/sensitivity.ts';
import { UserError } from '../../protocol/userError.ts';

/**
 * How long a job that was cancelled may take to stop and clean up. Jobs look for a cancel between their steps, the longest of which
 * is a batch of a large model; one that has not seen it after this time is taken to hang.
 */
const cancelMilliseconds = 20_000;

export type OnProgress = (progress: JobProgress) => void;

export interface BackgroundOptions {
  /** The bundle of background/main.ts. */
  readonly module: string;
  /** The reader's language for what the process writes to files; absent: English. */
  readonly l10nBundle?: string | undefined;
  /** BCP 47, for numbers in what the process writes. */
  readonly locale: string;
  /** Takes what the process prints, and its coming and going. */
  readonly log: (line: string) => void;
  /** Absent: 20 s. After that, a job that ignores its cancel is ended with the process. */
  readonly cancelMilliseconds?: number;
}

interface SendOptions {
  /** Folder that the job writes to. */
  readonly writesTo?: string;
  readonly finish?: CancellationToken | undefined;
}

interface Running {
  readonly child: ChildProcess;
  readonly connection: MessageConnection;
  /** What it owes an answer to, and the folders that it may be writing to for it. */
  readonly pending: Set<{ readonly folder: string | undefined }>;
  /** Set once it is gone. */
  reason?: string;
  /** Settles when what it left half-written is removed. */
  cleaned?: Promise<void>;
}

/**
 * The background process, seen from the host: one method a job. It is forked on first use and survives its jobs. When it dies,
 * the requests it owed an answer reject with `backgroundDied`, and the next request forks it anew. A job that does not obey its
 * cancel in time is ended with the process. All rejections are UserErrors where the process named a code.
 */
export class BackgroundClient {
  readonly #options: BackgroundOptions;
  #running: Running | undefined;
  #lastToken = 0;
  #disposed = false;

  constructor(options: BackgroundOptions) {
    this.#options = options;
  }

  probe(request: ProbeRequest, token?: CancellationToken): Promise<ProbeResult> {
    return this.#send(probeRequest, request, token);
  }

  inspect(request: InspectRequest, token?: CancellationToken): Promise<InspectReport> {
    return this.#send(inspectRequest, request, token);
  }

  evaluate(
    request: EvaluateRequest,
    token?: CancellationToken,
    onProgress?: OnProgress,
  ): Promise<EvaluateReport> {
    return this.#send(evaluateRequest, request, token, onProgress);
  }

  sensitivity(
    request: SensitivityRequest,
    token?: CancellationToken,
    onProgress?: OnProgress,
  ): Promise<SensitivityReport> {
    return this.#send(sensitivityRequest, request, token, onProgress);
  }

  /** `finish`, when it is cancelled, ends the fine-tuning and has the best weights so far written. */
  prune(
    request: PruneRequest,
    token?: CancellationToken,
    onProgress?: OnProgress,
    finish?: CancellationToken,
  ): Promise<PruneReport> {
    const writesTo = dirname(request.output ?? request.path);
    return this.#send(pruneRequest, request, token, onProgress, { writesTo, finish });
  }

  /** `finish`, when it is cancelled, ends the trials and has the best one so far written. */
  auto(
    request: AutoRequest,
    token?: CancellationToken,
    onProgress?: OnProgress,
    finish?: CancellationToken,
  ): Promise<AutoReport> {
    const writesTo = dirname(request.output ?? request.path);
    return this.#send(autoRequest, request, token, onProgress, { writesTo, finish });
  }

  convert(
    request: ConvertRequest,
    token?: CancellationToken,
    onProgress?: OnProgress,
  ): Promise<ConvertReport> {
    const writesTo = dirname(request.output ?? request.path);
    return this.#send(convertRequest, request, token, onProgress, { writesTo });
  }

  render(request: RenderRequest, token?: CancellationToken): Promise<void> {
    return this.#send(renderRequest, request, token, undefined, { writesTo: dirname(request.path) });
  }

  /** Ends the process. It cancels its jobs itself, so that nothing half-written is left; their requests reject as cancelled. */
  dispose(): void {
    this.#disposed = true;
    const running = this.#running;
    this.#running = undefined;
    if (running?.child.connected) running.child.disconnect();
    running?.connection.dispose();
  }

  async #send<P extends object, R>(
    type: RequestType<P, R, Message>,
    request: P,
    token?: CancellationToken,
    onProgress?: OnProgress,
    { writesTo, finish }: SendOptions = {},
  ): Promise<R> {
    if (this.#disposed) throw new UserError('cancelled');
    const running = this.#fork();
    const { connection } = running;
    const job = { folder: writesTo };
    running.pending.add(job);
    // Only of what somebody waits for: a search that was given up must not end a prune that keeps the process busy.
    const cancelling = onProgress && token && this.#enforce(token, running);
    const progressToken = `${type.method}-${++this.#lastToken}`;
    const listening = onProgress && connection.onProgress(jobProgress, progressToken, onProgress);
    const finishing = finish?.onCancellationRequested(
      () => void connection.sendNotification(finishTraining, { progressToken }).catch(() => {}),
    );
    const params = onProgress ? { ...request, progressToken } : request;
    try {
      return await connection.sendRequest<R>(type.method, params, ...(token ? [token] : []));
    } catch (error) {
      await running.cleaned;
      throw cancelling?.enforced() ? new UserError('cancelled') : explain(error, running);
    } finally {
      listening?.dispose();
      finishing?.dispose();
      cancelling?.dispose();
      // After dispose() the process goes on until it has cleaned up; what it leaves is removed at its end.
      if (!this.#disposed) running.pending.delete(job);
    }
  }

  /** Ends the process where a cancel is not obeyed within the time for it. */
  #enforce(token: CancellationToken, running: Running) {
    const limit = this.#options.cancelMilliseconds ?? cancelMilliseconds;
    let timer: NodeJS.Timeout | undefined;
    let enforced = false;
    const end = () => {
      enforced = true;
      this.#options.log(`A cancel was not obeyed within ${limit / 1000} s; the background process is ended.`);
      running.child.kill('SIGKILL');
    };
    const listening = token.onCancellationRequested(() => {
      timer ??= setTimeout(end, limit);
    });
    return {
      enforced: () => enforced,
      dispose: () => {
        clearTimeout(timer);
        listening.dispose();
      },
    };
  }

  #fork(): Running {
    if (this.#running) return this.#running;
    const { module, l10nBundle, locale, log } = this.#options;
    const child = fork(module, [], {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        // In the desktop application the executable is Electron; this makes it a plain Node.
        ELECTRON_RUN_AS_NODE: '1',
        LSTM_PRUNER_LOCALE: locale,
        ...(l10nBundle ? { LSTM_PRUNER_L10N: l10nBundle } : {}),
      },
    });
    const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    const running: Running = { child, connection, pending: new Set() };
    child.stdout?.on('data', (text) => log(String(text).trimEnd()));
    child.stderr?.on('data', (text) => log(String(text).trimEnd()));
    connection.onError(([error]) => log(String(error)));
    child.once('error', (error) => this.#ended(running, error.message));
    child.once('exit', (code, signal) => this.#ended(running, signal ?? `exit ${code}`));
    connection.listen();
    log(`Background process ${child.pid} started.`);
    this.#running = running;
    return running;
  }

  #ended(running: Running, reason: string): void {
    if (running.reason !== undefined) return;
    running.reason = reason;
    // The log is closed before the process of a disposed client ends.
    if (!this.#disposed) this.#options.log(`Background process ${running.child.pid} ended: ${reason}.`);
    if (this.#running === running) this.#running = undefined;
    const { pid } = running.child;
    const folders = [...running.pending].map(({ folder }) => folder).filter((folder) => folder !== undefined);
    if (pid !== undefined) running.cleaned = removeLeftovers(pid, folders);
    running.connection.dispose();
  }
}

function explain(error: unknown, running: Running): unknown {
  if (running.reason !== undefined) return new UserError('backgroundDied', { reason: running.reason });
  if (!(error instanceof ResponseError)) return error;
  // The connection was disposed with the client, not by a death.
  if (error.code === ErrorCodes.PendingResponseRejected) return new UserError('cancelled');
  const info = error.data as Message | undefined;
  return info && info.code in messages ? new UserError(info.code, info.args, info.cause) : error;
}
