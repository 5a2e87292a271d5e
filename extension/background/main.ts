import { config, t } from '@vscode/l10n';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { auto } from '../jobs/auto.ts';
import { convert } from '../jobs/convert.ts';
import { evaluate } from '../jobs/evaluate.ts';
import { inspect } from '../jobs/inspect.ts';
import { probe } from '../jobs/probe.ts';
import { prune } from '../jobs/prune.ts';
import { type Reader, render } from '../jobs/render.ts';
import { sensitivity } from '../jobs/sensitivity.ts';
import {
  autoRequest,
  convertRequest,
  evaluateRequest,
  inspectRequest,
  probeRequest,
  pruneRequest,
  renderRequest,
  sensitivityRequest,
} from '../protocol/requests.ts';
import { JobServer } from './serve.ts';

// Entry of the child process that the extension forks: serves the requests of protocol/ over the IPC channel.

/** How long jobs that are cancelled because the parent went may take to remove what they had begun to write. */
const graceMilliseconds = 5000;

const bundle = process.env.LSTM_PRUNER_L10N;
if (bundle) config({ fsPath: bundle });
const reader: Reader = { t, locale: process.env.LSTM_PRUNER_LOCALE ?? 'en' };

const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
const server = new JobServer(connection);
server.serve(probeRequest, probe);
server.serve(inspectRequest, inspect);
server.serve(evaluateRequest, evaluate);
server.serve(sensitivityRequest, sensitivity);
server.serve(autoRequest, auto);
server.serve(pruneRequest, prune);
server.serve(convertRequest, convert);
server.serve(renderRequest, (request) => render(request, reader));
connection.listen();

process.on('disconnect', async () => {
  setTimeout(() => process.exit(0), graceMilliseconds).unref();
  await server.stop();
  process.exit(0);
});
