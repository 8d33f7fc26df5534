/** What a phone puts into its outbox: one operation, sealed, that may be sent any number of times. */

/** The wire JSON of an operation. */
export type Item = Readonly<Record<string, unknown>> & { readonly rev: string };

/**
 * One operation as it will be sent: `content` is what an answer must name, `media` the SHA-256 of the files it
 * vouches for. `ours` is false of somebody else's work that was brought to this phone, or that it gives back after a
 * restore.
 */
export interface SealedOp {
  readonly op: string;
  readonly kind: string;
  readonly rev: string;
  readonly content: string;
  readonly item: Item;
  readonly record: string | null;
  readonly task: string | null;
  readonly media: readonly string[];
  readonly ours: boolean;
}

const sizes = new WeakMap<Item, number>();
const encoder = new TextEncoder();

/** Bytes an operation takes in the body of a push. */
export function sizeOf(op: SealedOp): number {
  let size = sizes.get(op.item);
  if (size === undefined) {
    size = encoder.encode(JSON.stringify(op.item)).length + 1;
    sizes.set(op.item, size);
  }
  return size;
}

/** Give the same work another id. */
export function under(sealed: SealedOp, op: string): SealedOp {
  return { ...sealed, op, item: { ...sealed.item, op } };
}
