import { NotificationType, NotificationType0, RequestType, RequestType0 } from 'vscode-jsonrpc';
import type { AutoReport } from './auto.ts';
import type { Labels } from './labels.ts';
import type { EvaluateReport, InspectReport, PruneReport } from './report.ts';
import type { SensitivityReport } from './sensitivity.ts';

/** A model file as the page names it. */
interface ModelFile {
  /** Absolute, as the host opened it. */
  path: string;
  /** For people: the file's name. */
  name: string;
}

/** The gates of a model as it is on disk. */
export interface GatesContent extends ModelFile {
  kind: 'gates';
  report: InspectReport;
  /** Sentences in the reader's language. */
  notes: string[];
  /** Layer to scroll to and focus, once. */
  focusLayer?: string;
  /** The model is no file of the disk, as one side of a comparison: nothing can be done with it. */
  snapshot?: true;
}

/** What a prune did. */
export interface ResultContent {
  kind: 'result';
  report: PruneReport;
  modelName: string;
  outputName: string;
  /** Where the files are, as people read it: from the workspace's folder on where they are in it. */
  places: { output: string; model: string; data?: string };
  notes: string[];
  /** Why units of `report.shrink.frozen` cannot go, one by one, in the reader's language. */
  frozenReasons?: string[];
  focusLayer?: string;
}

/** The loss and metrics of a model, and its gates where they are known. */
export interface EvaluationContent extends ModelFile {
  kind: 'evaluation';
  report: EvaluateReport;
  inspect?: InspectReport;
  notes: string[];
}

/** What pruning each part of a model alone costs, and what data tells of its units and gates. */
export interface SensitivityContent extends ModelFile {
  kind: 'sensitivity';
  report: SensitivityReport;
  /** The data file as people read it: from the workspace's folder on where it is in it. */
  data: string;
  notes: string[];
}

/** What a search for the smallest model tried and found. */
export interface SearchContent {
  kind: 'search';
  report: AutoReport;
  modelName: string;
  outputName: string;
  /** Where the files are, as people read it: from the workspace's folder on where they are in it. */
  places: { output: string; model: string; data: string };
  /** Why trials failed, and what else there is to say. */
  notes: string[];
  /** The gates of the model as it was and of the output, where both could be read. */
  inspect?: { before: InspectReport; after: InspectReport };
}

/** Nothing to show, and why: one worded line. */
export interface ErrorContent extends ModelFile {
  kind: 'error';
  text: string;
}

/** All that the page draws. */
export type PanelContent =
  | GatesContent
  | ResultContent
  | EvaluationContent
  | SensitivityContent
  | SearchContent
  | ErrorContent;

const kinds: readonly string[] = [
  'gates',
  'result',
  'evaluation',
  'sensitivity',
  'search',
  'error',
] satisfies PanelContent['kind'][];

/** What the page needs once: its content, and the words and number formats of the reader's language. */
export interface PanelSetup {
  content: PanelContent;
  labels: Labels;
  /** BCP 47, for Intl. */
  locale: string;
}

/** Raised whenever a content changes so that an older page's state cannot be drawn any more. */
export const panelStateVersion = 1;

/** What the page keeps over a reload; the host gets it back when VS Code restores the panel. */
export interface PanelState {
  version: typeof panelStateVersion;
  content: PanelContent;
  /** Names of the layers that the reader has closed. */
  closedLayers: string[];
  /** Vertical scroll position in CSS pixels. */
  scroll: number;
}

/** True of a state that this version can draw; anything may come back from another one. */
export function isPanelState(value: unknown): value is PanelState {
  const state = value as Partial<PanelState> | null | undefined;
  if (state?.version !== panelStateVersion) return false;
  const { content, closedLayers, scroll } = state;
  return isContent(content) && Array.isArray(closedLayers) && Number.isFinite(scroll);
}

function isContent(value: unknown): value is PanelContent {
  if (typeof value !== 'object' || value === null) return false;
  const content = value as Record<string, unknown>;
  const has = (key: string, type: string) => typeof content[key] === type && content[key] !== null;
  if (!kinds.includes(String(content.kind))) return false;
  if (content.kind === 'error') return ['path', 'name', 'text'].every((key) => has(key, 'string'));
  if (!has('report', 'object') || !Array.isArray(content.notes)) return false;
  if (content.kind === 'result' || content.kind === 'search') return has('places', 'object');
  const named = has('path', 'string') && has('name', 'string');
  return named && (content.kind !== 'sensitivity' || has('data', 'string'));
}

export interface OpenFileRequest {
  /** The model that the page is about, or the pruned file. */
  file: 'model' | 'output';
}

export interface SaveTrialRecipeRequest {
  /** Of the search that the page tells of, from 1. */
  trial: number;
}

/**
 * Requests from the page to its host, about the content that the host gave it: the page names no paths. A failure rejects with a
 * ResponseError whose message is worded for the reader.
 */
export const readyRequest = new RequestType0<PanelSetup, void>('ready');
export const revealOutputRequest = new RequestType0<void, void>('revealOutput');
export const openReportRequest = new RequestType0<void, void>('openReport');
/** As HTML, Markdown or JSON: the host asks where, and the name's ending says which. */
export const saveReportRequest = new RequestType0<void, void>('saveReport');
/** The recipe that gives the result again, as a file: the host asks where. */
export const saveRecipeRequest = new RequestType0<void, void>('saveRecipe');
/** The same of one trial of a search. */
export const saveTrialRecipeRequest = new RequestType<SaveTrialRecipeRequest, void, void>('saveTrialRecipe');
/** A file beside the model that says how its layers follow each other, with what is taken for granted: written and opened. */
export const correctLayersRequest = new RequestType0<void, void>('correctLayers');
export const analyzeSensitivityRequest = new RequestType0<void, void>('analyzeSensitivity');
export const findSmallestRequest = new RequestType0<void, void>('findSmallest');
export const pruneModelRequest = new RequestType0<void, void>('pruneModel');
export const showGatesAsTextRequest = new RequestType0<void, void>('showGatesAsText');
export const openFileRequest = new RequestType<OpenFileRequest, void, void>('openFile');

/** From the page: the layer that the content named has the focus now, so that it need not be named again. */
export const focusedNotification = new NotificationType0('focused');

/** From the host to the page: show this instead. */
export const contentNotification = new NotificationType<PanelContent>('content');
