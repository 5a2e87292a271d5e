import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { JobServer } from '../../extension/background/serve.ts';
import type { JobContext } from '../../extension/jobs/context.ts';
import type { JobProgress } from '../../extension/protocol/requests.ts';
import { evaluateRequest, finishTraining, jobProgress } from '../../extension/protocol/requests.ts';
import { evaluateReport } from '../fixtures/pruneReport.ts';

/** A server of one job, and a client that is connected to it. */
function connected(job: (request: { path: string }, context: JobContext) => Promise<void>) {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const served = createMessageConnection(new StreamMessageReader(there), new StreamMessageWriter(back));
  const client = createMessageConnection(new StreamMessageReader(back), new StreamMessageWriter(there));
  const server = new JobServer(served);
  server.serve(evaluateRequest, async (request, context) => {
    await job(request, context);
    return evaluateReport();
  });
  served.listen();
  client.listen();
  return {
    client,
    end: () => {
      client.dispose();
      served.dispose();
    },
  };
}

const request = (progressToken: string) => ({ path: 'm.h5', data: {}, progressToken });
const finetune = { epoch: 1, epochs: 2, sparsity: 0.5 };

test('fine-tuning is ended by its token, and by no other; before and behind it nothing is', async () => {
  const ended: Record<string, string> = {};
  const { client, end } = connected(async ({ path }, { finish, signal, progress }) => {
    for (const stage of ['open', 'finetune', 'write'] as const) {
      progress({ stage, done: 0.5, ...(stage === 'finetune' && { finetune }) });
      // Long enough for a message to come.
      await setTimeout(60);
      if (finish?.aborted) ended[path] ??= stage;
    }
    assert.equal(signal.aborted, false);
  });
  try {
    const run = async (path: string, when: JobProgress['stage'], token: string) => {
      const listening = client.onProgress(jobProgress, path, ({ stage }) => {
        if (stage === when) void client.sendNotification(finishTraining, { progressToken: token });
      });
      await client.sendRequest(evaluateRequest, { ...request(path), path });
      listening.dispose();
    };
    await Promise.all([
      run('a', 'finetune', 'a'),
      run('b', 'finetune', 'nobody'),
      run('c', 'open', 'c'),
      run('d', 'write', 'd'),
    ]);
    assert.deepEqual(ended, { a: 'finetune' });
  } finally {
    end();
  }
});

test('a search is ended by its token in whatever its trials do, and not before them', async () => {
  const ended: string[] = [];
  const { client, end } = connected(async (_, { finish, progress }) => {
    const search = { trial: 2, sparsity: 0.9 };
    for (const now of [{ stage: 'sensitivity' }, { stage: 'evaluateAfter', search }] as const) {
      progress({ ...now, done: 0.5 });
      // Long enough for a message to come.
      await setTimeout(60);
      if (finish?.aborted) ended.push(now.stage);
    }
  });
  try {
    client.onProgress(jobProgress, 'token', () => {
      void client.sendNotification(finishTraining, { progressToken: 'token' });
    });
    await client.sendRequest(evaluateRequest, request('token'));
    assert.deepEqual(ended, ['evaluateAfter']);
  } finally {
    end();
  }
});

test('the progress of a long epoch goes on, however little of the whole it is', async () => {
  const { client, end } = connected(async (_, { progress }) => {
    for (let step = 0; step < 700; step++) {
      progress({ stage: 'finetune', done: 0.3 + step * 1e-6, finetune: { ...finetune, loss: step } });
      await setTimeout(1);
    }
  });
  try {
    const seen: JobProgress[] = [];
    client.onProgress(jobProgress, 'token', (progress) => void seen.push(progress));
    await client.sendRequest(evaluateRequest, request('token'));
    assert.ok(seen.length >= 3 && seen.length < 30, `${seen.length} of 700 were sent`);
  } finally {
    end();
  }
});
