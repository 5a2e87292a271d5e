/** Bytes from `start` up to `end`, counted from the beginning of the file. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where the contents of a message lie. */
export interface Place extends Range {
  /** Where the field that holds the message begins: its tag, then its length, then the contents. */
  readonly field: number;
  /** The message that it is a part of; undefined for the outermost one, which is the whole file. */
  readonly parent?: Place;
}
