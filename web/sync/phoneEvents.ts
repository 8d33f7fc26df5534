/** What can happen to a phone. Every reply carries what was asked: replies come late, twice and out of order. */

import type { Answer } from "./outcome.ts";
import type { Kind } from "./phoneEffects.ts";
import type { Limits } from "./phoneState.ts";
import type { Item, SealedOp } from "./sealing.ts";
import type { PullItem, PutItem } from "./view.ts";

/** A person signed in; `epoch` and, where given, `limits` as the server's reply has them. */
export interface LoggedIn {
  readonly type: "LoggedIn";
  readonly user: string;
  readonly epoch: string;
  readonly limits: Partial<Limits> | null;
}

/**
 * The phone is online and has time: opened, back on the network, or a timer. `now` is milliseconds of any clock of
 * the phone that goes on by itself; only waits are measured with it.
 */
export interface Woken {
  readonly type: "Woken";
  readonly now: number | null;
}

/** Someone began to work on a record; nothing is sealed yet. */
export interface Drafted {
  readonly type: "Drafted";
  readonly record: string;
  readonly task: string;
}

/** An operation was sealed and is durably stored. */
export interface Sealed {
  readonly type: "Sealed";
  readonly op: SealedOp;
}

/** A revision of somebody else was fetched: `item` is its push item without `op`, `record` its record. */
export interface Held {
  readonly type: "Held";
  readonly requestEpoch: string;
  readonly record: string;
  readonly item: Item;
}

/** The phone would be rid of somebody else's revision again. */
export interface Released {
  readonly type: "Released";
  readonly rev: string;
}

/** The phone would be rid of the bytes of an operation, or of a record's; see `safeToDelete`. */
export interface Pruned {
  readonly type: "Pruned";
  readonly name: string;
  readonly now: number;
}

/** The browser threw away what was pulled; what was sealed is kept elsewhere. */
export interface CacheEvicted {
  readonly type: "CacheEvicted";
}

export interface Page {
  readonly epoch: string;
  readonly items: readonly PullItem[];
  readonly next: string;
  readonly more: boolean;
  readonly durable_seq?: number;
  readonly server_time?: string | null;
  /** A moment signed by the server, for what is sealed from now on; the reducer has no use for it. */
  readonly beacon?: string;
}

/** A pull was answered 200 with `page`, the reply's JSON. */
export interface PageArrived {
  readonly type: "PageArrived";
  readonly requestEpoch: string;
  readonly requestCursor: string | null;
  readonly page: Page;
}

/** A pull was answered 410; `epoch` is the server's. */
export interface PullReset {
  readonly type: "PullReset";
  readonly requestEpoch: string;
  readonly requestCursor: string | null;
  readonly epoch: string;
  readonly reset: "epoch" | "horizon" | "user";
}

export interface Answers {
  readonly epoch: string;
  readonly items: readonly Answer[];
}

/** A push was answered 200 with `reply`, its JSON. */
export interface PushReplied {
  readonly type: "PushReplied";
  readonly requestEpoch: string;
  readonly reply: Answers;
}

/** A push or a re-offer was answered 409; `epoch` is the server's. */
export interface EpochRefused {
  readonly type: "EpochRefused";
  readonly requestEpoch: string;
  readonly epoch: string;
}

/** Of the revisions `offered`, the server lacks `missing`. */
export interface ReofferReplied {
  readonly type: "ReofferReplied";
  readonly requestEpoch: string;
  readonly epoch: string;
  readonly offered: readonly string[];
  readonly missing: readonly string[];
}

/** `POST /sync/ops/status` was answered with `reply`, its JSON. */
export interface StatusReplied {
  readonly type: "StatusReplied";
  readonly requestEpoch: string;
  readonly reply: Answers;
}

/** `GET /sync/digest` was answered with `reply`, its JSON. */
export interface DigestReplied {
  readonly type: "DigestReplied";
  readonly requestEpoch: string;
  readonly requestCursor: string | null;
  readonly reply: { readonly epoch: string; readonly stale: boolean; readonly buckets: readonly string[] };
}

/** `GET /sync/digest/{bucket}` was answered with `reply`, its JSON. */
export interface BucketReplied {
  readonly type: "BucketReplied";
  readonly requestEpoch: string;
  readonly requestCursor: string | null;
  readonly bucket: number;
  readonly reply: { readonly epoch: string; readonly items: readonly PutItem[] };
}

/** The server has the whole file. Give the epoch it was asked in, so that late news can be told. */
export interface MediaStored {
  readonly type: "MediaStored";
  readonly sha256: string;
  readonly requestEpoch: string | null;
}

/** The server has the whole file, and a second copy of it is known. */
export interface MediaDurable {
  readonly type: "MediaDurable";
  readonly sha256: string;
  readonly requestEpoch: string;
}

/** The server lacks the file, or some of it. */
export interface MediaAbsent {
  readonly type: "MediaAbsent";
  readonly sha256: string;
  readonly requestEpoch: string;
}

/** A request was refused: 400 and 413 to a push of `ops`, 401, 403 and 426 to anything. */
export interface Refused {
  readonly type: "Refused";
  readonly requestEpoch: string;
  readonly what: Kind;
  readonly status: number;
  readonly ops: readonly string[];
}

/** A request was answered 429 or 503, or not at all: not again before `until`, by the clock of `Woken`. */
export interface Throttled {
  readonly type: "Throttled";
  readonly what: Kind;
  readonly until: number;
}

/** An answer of the server that names its epoch. */
export type Reply =
  | PageArrived
  | PullReset
  | PushReplied
  | EpochRefused
  | ReofferReplied
  | StatusReplied
  | DigestReplied
  | BucketReplied;
export type MediaNews = MediaStored | MediaDurable | MediaAbsent;
/** What happens on the phone itself, or to a file. */
export type Keeping = Drafted | Sealed | Held | Released | Pruned | CacheEvicted | MediaNews;
export type Event = LoggedIn | Woken | Keeping | Reply | Refused | Throttled;

/** What an event answers, so that it is no longer in flight. */
export function answersOf(event: Event): readonly Kind[] {
  switch (event.type) {
    case "PageArrived":
    case "PullReset":
      return ["pull"];
    case "PushReplied":
      return ["push"];
    case "EpochRefused":
      return ["push", "reoffer"];
    case "ReofferReplied":
      return ["reoffer"];
    case "StatusReplied":
      return ["status"];
    case "DigestReplied":
    case "BucketReplied":
      return ["digest"];
    case "MediaStored":
    case "MediaDurable":
    case "MediaAbsent":
      return ["media_status"];
    case "Refused":
    case "Throttled":
      return [event.what];
    default:
      return [];
  }
}

/** The server's epoch, as a reply tells it. */
export function epochOf(reply: Reply): string {
  switch (reply.type) {
    case "PageArrived":
      return reply.page.epoch;
    case "PushReplied":
    case "StatusReplied":
    case "DigestReplied":
    case "BucketReplied":
      return reply.reply.epoch;
    default:
      return reply.epoch;
  }
}
