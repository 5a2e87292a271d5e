import { NotificationType, ProgressType, RequestType } from 'vscode-jsonrpc';
import type { AutoOptions, AutoReport } from './auto.ts';
import type { ConversionTarget, ConvertReport } from './conversion.ts';
import type { Message } from './messages.ts';
import type { DataOptions, EngineChoice, Recipe } from './recipe.ts';
import type { EvaluateReport, InspectReport, PruneReport } from './report.ts';
import type { SensitivityOptions, SensitivityReport } from './sensitivity.ts';

/** What a long job is doing: a stage, and how much of the whole job is done. */
export interface JobProgress {
  stage:
    | 'open'
    | 'evaluateBefore'
    | 'evidence'
    | 'prune'
    | 'evaluatePruned'
    | 'finetune'
    | 'write'
    | 'verify'
    | 'evaluateAfter'
    | 'control'
    | 'evaluate'
    | 'sensitivity'
    | 'findings';
  /** 0…1 over the whole job. */
  done: number;
  /** In the stage finetune. */
  finetune?: FinetuneProgress;
  /** In the stage sensitivity: until it ends; absent until it can be told. */
  secondsLeft?: number;
  /** In the trials of a search. */
  search?: SearchProgress;
}

/** How far a search for the smallest model has come. */
export interface SearchProgress {
  /** The one that runs, from 1. */
  trial: number;
  /** At most so many; absent where only the time is limited. */
  trials?: number;
  /** The overall sparsity that it aims at. */
  sparsity: number;
  /** The smallest so far within the budget; absent where there is none yet. */
  best?: { trial: number; sparsity: number };
  /** Of the time budget; absent where there is none. */
  secondsLeft?: number;
}

/** How far fine-tuning has come; it moves within an epoch. */
export interface FinetuneProgress {
  /** The one that runs, from 1. */
  epoch: number;
  /** At most so many; early stopping may end before. */
  epochs: number;
  /** Mean training loss of this epoch so far; absent before its first step. */
  loss?: number;
  /** Of the last epoch that is whole; absent in the first. */
  validationLoss?: number;
  /** Lowest so far, that of the pruned weights included; absent until this is measured. */
  bestValidationLoss?: number;
  /** Its epoch; 0: the pruned weights, which no epoch has improved on yet. */
  bestEpoch?: number;
  /** Of the prunable weights. */
  sparsity: number;
  /** Until all epochs are done; absent until it can be told. */
  secondsLeft?: number;
  /** Epochs in the checkpoint that the same job would go on from; absent where there is none. */
  checkpoint?: number;
}

/** What a job may use of this machine. It is no part of a recipe. */
export interface Surroundings {
  /** Folder of the package @tensorflow/tfjs-node where there is one that may be loaded. */
  tensorflow?: string;
  /** Folder for the checkpoints of fine-tuning and the trials of searches; absent: one in the user's cache folder. */
  checkpoints?: string;
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

export interface EvaluateRequest extends Surroundings {
  path: string;
  data: DataOptions & EngineChoice;
  progressToken?: string;
}

export interface SensitivityRequest extends Surroundings {
  path: string;
  options: SensitivityOptions;
  progressToken?: string;
}

export interface AutoRequest extends Surroundings {
  path: string;
  options: AutoOptions;
  /** Absent: a free sibling name, `model.pruned.h5`. */
  output?: string;
  /** Replace an output that exists. */
  force?: boolean;
  progressToken?: string;
}

export interface PruneRequest extends Surroundings {
  path: string;
  recipe: Recipe;
  /** Absent: a free sibling name, `model.pruned.h5`. */
  output?: string;
  /** Replace an output that exists. */
  force?: boolean;
  progressToken?: string;
}

/** Where it goes is said by a file, or by a format. */
export type ConvertRequest = {
  path: string;
  /** Replace an output that exists. */
  force?: boolean;
  progressToken?: string;
} & (
  | { output: string }
  | { /** A free sibling name, `model.onnx`. */ to: ConversionTarget; output?: undefined }
);

export type ReportFormat = 'html' | 'markdown' | 'json';
export interface RenderRequest {
  report: PruneReport | SensitivityReport | AutoReport;
  format: ReportFormat;
  /** File to write. */
  path: string;
}

/** Requests from the host to the background process. A failure carries a `Message` in the response error's data. */
export const probeRequest = new RequestType<ProbeRequest, ProbeResult, Message>('probe');
export const inspectRequest = new RequestType<InspectRequest, InspectReport, Message>('inspect');
export const evaluateRequest = new RequestType<EvaluateRequest, EvaluateReport, Message>('evaluate');
export const sensitivityRequest = new RequestType<SensitivityRequest, SensitivityReport, Message>(
  'sensitivity',
);
export const autoRequest = new RequestType<AutoRequest, AutoReport, Message>('auto');
export const pruneRequest = new RequestType<PruneRequest, PruneReport, Message>('prune');
export const convertRequest = new RequestType<ConvertRequest, ConvertReport, Message>('convert');
export const renderRequest = new RequestType<RenderRequest, void, Message>('render');

/** Names a running prune or search by its progress token. */
export interface FinishTraining {
  progressToken: string;
}

/**
 * Ends the fine-tuning of a running prune after the present step: the best weights so far are written and reported, those of the
 * unfinished epoch among them. Before and after fine-tuning it does nothing. Of a search it ends the trials: the best one that is whole is
 * written. Cancelling the request gives up all of it instead.
 */
export const finishTraining = new NotificationType<FinishTraining>('finishTraining');

/** Progress of the request that carries this token. */
export const jobProgress = new ProgressType<JobProgress>();
