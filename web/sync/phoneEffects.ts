/** What a phone asks of its surroundings. */

import type { SealedOp } from "./sealing.ts";

/** Kinds of requests: each waits, fails and is in flight on its own. */
export type Kind = "push" | "pull" | "reoffer" | "status" | "digest" | "media" | "media_status";

/** Pull from this cursor. */
export interface AskPull {
  readonly type: "AskPull";
  readonly epoch: string;
  readonly cursor: string | null;
}

/** Push these operations, in order. */
export interface AskPush {
  readonly type: "AskPush";
  readonly epoch: string;
  readonly ops: readonly SealedOp[];
}

/** Ask which of these revisions the server lacks. */
export interface AskReoffer {
  readonly type: "AskReoffer";
  readonly epoch: string;
  readonly revs: readonly string[];
}

/** Ask what the server knows of these operations in this epoch. */
export interface AskStatus {
  readonly type: "AskStatus";
  readonly epoch: string;
  readonly ops: readonly string[];
}

/** Ask for the sums over what this person sees. */
export interface AskDigest {
  readonly type: "AskDigest";
  readonly epoch: string;
  readonly cursor: string | null;
}

/** Ask for everything in one bucket, to put it right. */
export interface AskBucket {
  readonly type: "AskBucket";
  readonly epoch: string;
  readonly cursor: string | null;
  readonly bucket: number;
}

/** Upload these files, by SHA-256; those that are being uploaded go on. */
export interface AskMedia {
  readonly type: "AskMedia";
  readonly sha256s: readonly string[];
}

/** Ask how the server holds these files. */
export interface AskMediaStatus {
  readonly type: "AskMediaStatus";
  readonly epoch: string;
  readonly sha256s: readonly string[];
}

/** Delete these files from the phone: everything that vouches for them is pruned. */
export interface DropMedia {
  readonly type: "DropMedia";
  readonly sha256s: readonly string[];
}

export type Ask =
  | AskPull
  | AskPush
  | AskReoffer
  | AskStatus
  | AskDigest
  | AskBucket
  | AskMedia
  | AskMediaStatus;
export type Effect = Ask | DropMedia;

const KINDS: Readonly<Record<Ask["type"], Kind>> = {
  AskPull: "pull",
  AskPush: "push",
  AskReoffer: "reoffer",
  AskStatus: "status",
  AskDigest: "digest",
  AskBucket: "digest",
  AskMedia: "media",
  AskMediaStatus: "media_status",
};

export function kindOf(ask: Ask): Kind {
  return KINDS[ask.type];
}
