/** The reading half of a phone: pages, sweeps, and the daily check of what was read. */

import { BUCKETS, digest } from "./digest.ts";
import type { Ask } from "./phoneEffects.ts";
import type { BucketReplied, DigestReplied, Page, PageArrived } from "./phoneEvents.ts";
import { busy, DAY, unsureOfFiles, type PhoneState } from "./phoneState.ts";
import { milliseconds } from "./receipts.ts";
import { applied, rows, settled, sweepBegun, swept, withBucket } from "./view.ts";
import { without } from "./sets.ts";

/** Milliseconds of the server's time after which a check that met unread news is tried again. */
const STALE = 10 * 60 * 1000;
const REPAIRS_A_DAY = 4;

export type Reading = readonly [PhoneState, readonly Ask[]];

/** Begin to read everything anew; until it is read, what was shown stays. */
export function beginSweep(state: PhoneState): PhoneState {
  const view = sweepBegun(state.view);
  return { ...state, cursor: null, needSweep: true, view, toRepair: new Set(), digestDue: null };
}

/** Take items and cursor together (R6); the last page of a sweep ends it. */
export function takePage(before: PhoneState, event: PageArrived): Reading {
  const page = event.page;
  const work = busy(before);
  let view = applied(before.view, page.items, work);
  let state: PhoneState = {
    ...before,
    cursor: page.next,
    durableSeq: page.durable_seq ?? before.durableSeq,
    serverTime: serverTime(page, before),
  };
  if (page.more) return [{ ...state, view }, [{ type: "AskPull", epoch: page.epoch, cursor: page.next }]];
  if (state.needSweep) view = swept(view, work);
  state = { ...state, view: settled(view, work), needSweep: false };
  if (state.digestDue === null && state.serverTime !== null) {
    // Everything was told just now, or this phone has never been checked.
    state = { ...state, digestDue: state.serverTime + DAY };
  }
  return [state, checks(state)];
}

function serverTime(page: Page, state: PhoneState): number | null {
  return page.server_time == null ? state.serverTime : milliseconds(page.server_time);
}

/** Say what of the daily check is to be asked now that everything is read. */
function checks(state: PhoneState): readonly Ask[] {
  const { epoch, cursor } = state;
  if (epoch === null || state.waits.has("digest")) return [];
  if (state.toRepair.size > 0) {
    return [...state.toRepair]
      .sort((a, b) => a - b)
      .map((bucket) => ({ type: "AskBucket" as const, epoch, cursor, bucket }));
  }
  return isDue(state) ? [{ type: "AskDigest", epoch, cursor }] : [];
}

function isDue(state: PhoneState): boolean {
  return state.serverTime !== null && state.digestDue !== null && state.serverTime >= state.digestDue;
}

/**
 * Compare sums, and ask for some of the buckets that differ; never for everything at once. It counts only when
 * nothing was read since it was asked for, and once a day of the server's time. Of the phone's own files the server is
 * then asked, too: a store may lose what it had.
 */
export function takeDigest(state: PhoneState, event: DigestReplied): Reading {
  if (event.requestCursor !== state.cursor || !isDue(state)) return [state, []];
  const now = state.serverTime ?? 0;
  if (event.reply.stale) {
    const pull: readonly Ask[] = state.waits.has("pull")
      ? []
      : [{ type: "AskPull", epoch: event.reply.epoch, cursor: state.cursor }];
    return [{ ...state, digestDue: now + STALE }, pull];
  }
  const ours = digest(rows(state.view));
  const differing = ours.flatMap((sum, bucket) => (sum === event.reply.buckets[bucket] ? [] : [bucket]));
  // Another one is the first every day, so that buckets that never heal hold up no others.
  const place = (bucket: number): number => (((bucket - state.repairs) % BUCKETS) + BUCKETS) % BUCKETS;
  const chosen = differing.sort((a, b) => place(a) - place(b)).slice(0, REPAIRS_A_DAY);
  const following = { ...unsureOfFiles(state), digestDue: now + DAY, toRepair: new Set(chosen) };
  return [following, checks(following)];
}

/** Hold what the server says is in a bucket, and nothing else in it. */
export function takeBucket(state: PhoneState, event: BucketReplied): PhoneState {
  if (!state.toRepair.has(event.bucket) || event.requestCursor !== state.cursor) return state;
  return {
    ...state,
    view: withBucket(state.view, event.bucket, event.reply.items, busy(state)),
    toRepair: without(state.toRepair, [event.bucket]),
    repairs: state.repairs + 1,
  };
}
