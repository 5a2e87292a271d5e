import { ProgressType, RequestType } from 'vscode-jsonrpc';
import type { Message } from './messages.ts';
import type { DataOptions, Recipe } from './recipe.ts';
import type { EvaluateReport, InspectReport, PruneReport } from './report.ts';

/** What a long job is doing: a stage, and how much of the whole job is done. */
export interface JobProgress {
  stage: 'open' | 'evaluateBefore' | 'prune' | 'write' | 'verify' | 'evaluateAfter' | 'evaluate';
  /** 0…1 over the whole job. */
  done: number;
}

export interface ProbeRequest {
  path: string;
}
/** A quick look that reads no weights: does this file hold recurrent layers? */
export interface ProbeResult {
  format: string;
  /** Names of the recurrent layers; a bidirectional one counts twice. */
  recurrentLayers: string[];
}

export interface InspectRequest {
  path: string;
}

export interface EvaluateRequest {
  path: string;
  data: DataOptions;
  progressToken?: string;
}

export interface PruneRequest {
  path: string;
  recipe: Recipe;
  /** Absent: a free sibling name, `model.pruned.h5`. */
  output?: string;
  /** Replace an output that exists. */
  force?: boolean;
  progressToken?: string;
}

export type ReportFormat = 'html' | 'markdown' | 'json';
export interface RenderRequest {
  report: PruneReport;
  format: ReportFormat;
  /** File to write. */
  path: string;
}

/** Requests from the host to the background process. A failure carries a `Message` in the response error's data. */
export const probeRequest = new RequestType<ProbeRequest, ProbeResult, Message>('probe');
export const inspectRequest = new RequestType<InspectRequest, InspectReport, Message>('inspect');
export const evaluateRequest = new RequestType<EvaluateRequest, EvaluateReport, Message>('evaluate');
export const pruneRequest = new RequestType<PruneRequest, PruneReport, Message>('prune');
export const renderRequest = new RequestType<RenderRequest, void, Message>('render');

/** Progress of the request that carries this token. */
export const jobProgress = new ProgressType<JobProgress>();
