import { sizeOf } from '../../model/parameter.ts';

/** How the elements of a tensor lie, counted in elements from its first. */
export interface Layout {
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

/** Copies a tensor's elements, `width` bytes each, from where they lie into row-major order: a fresh buffer. */
export function gatherElements(span: Buffer, layout: Layout, width: number): Buffer {
  const packed = Buffer.allocUnsafeSlow(sizeOf(layout.shape) * width);
  let to = 0;
  forEachPlace(layout, (place) => {
    span.copy(packed, to, place * width, (place + 1) * width);
    to += width;
  });
  return packed;
}

/** The reverse of gatherElements; what lies between the elements stays. */
export function scatterElements(packed: Buffer, span: Buffer, layout: Layout, width: number): void {
  let from = 0;
  forEachPlace(layout, (place) => {
    packed.copy(span, place * width, from, from + width);
    from += width;
  });
}

/** Visits the places of all elements in row-major order. */
export function forEachPlace({ shape, stride }: Layout, visit: (place: number) => void): void {
  const along = (axis: number, at: number): void => {
    if (axis === shape.length) visit(at);
    else for (let i = 0; i < shape[axis]; i++) along(axis + 1, at + i * stride[axis]);
  };
  if (!shape.includes(0)) along(0, 0);
}
