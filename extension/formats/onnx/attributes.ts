import type { OnnxNode } from './proto.ts';

/** An integer attribute of a node; `usual` where it does not have it. */
export function intOf(node: OnnxNode, name: string, usual: number): number {
  return node.attributes.get(name)?.int ?? usual;
}

export function floatOf(node: OnnxNode, name: string, usual: number): number {
  return node.attributes.get(name)?.float ?? usual;
}

export function textOf(node: OnnxNode, name: string, usual: string): string {
  return node.attributes.get(name)?.text ?? usual;
}

/** A list of integers; undefined where the node does not have it. */
export function intsOf(node: OnnxNode, name: string): readonly number[] | undefined {
  return node.attributes.get(name)?.ints;
}

export function floatsOf(node: OnnxNode, name: string): readonly number[] | undefined {
  return node.attributes.get(name)?.floats;
}

export function textsOf(node: OnnxNode, name: string): readonly string[] | undefined {
  return node.attributes.get(name)?.texts;
}
