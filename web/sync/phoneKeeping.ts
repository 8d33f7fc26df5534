/** What a phone takes into keeping, and what it may let go of again. */

import type { DropMedia, Kind } from "./phoneEffects.ts";
import type { Held, Keeping, MediaNews, Pruned } from "./phoneEvents.ts";
import { uuid5 } from "./names.ts";
import { beginSweep } from "./phoneReading.ts";
import { mayRelease, safeToDelete, withoutFailures, type PhoneState, type Stub } from "./phoneState.ts";
import type { Outcome } from "./outcome.ts";
import { sortedTexts } from "./order.ts";
import { under, type SealedOp } from "./sealing.ts";
import { union, without } from "./sets.ts";

/** Kinds of requests that news of a file answers. */
const MEDIA: readonly Kind[] = ["media", "media_status"];

export type Kept = readonly [PhoneState, readonly DropMedia[]];

/** Let something happen on the phone itself, or to a file. */
export function keep(state: PhoneState, event: Keeping): Kept {
  switch (event.type) {
    case "Drafted":
      return [{ ...state, drafts: new Map(state.drafts).set(event.record, event.task) }, []];
    case "Sealed":
      return [seal(state, event.op), []];
    case "Held":
      return [hold(state, event), []];
    case "Released":
      return [release(state, event.rev), []];
    case "Pruned":
      return prune(state, event);
    case "CacheEvicted":
      return [beginSweep({ ...state, view: { ...state.view, entities: new Map() } }), []];
    default:
      return [hearOfMedia(state, event), []];
  }
}

/** Take work into the outbox; told twice it is there once, and an id never stands for two things. */
function seal(before: PhoneState, sealed: SealedOp): PhoneState {
  // What was brought may be here under another id: the server had refused its first one.
  const known = [...before.ops, ...before.stubs.values()].filter(
    (each) => each.op === sealed.op || (each.content === sealed.content && !sealed.ours),
  );
  if (known.some((each) => each.content === sealed.content)) return sealed.ours ? before : takeFiles(before, sealed);
  const op = known.length === 0 ? sealed : under(sealed, uuid5(sealed.op, sealed.content));
  const mediaWanted = without(union(before.mediaWanted, op.media), before.mediaDurable);
  const taken = { ...before, ops: [...before.ops, op], mediaWanted };
  if (op.kind !== "revision") return taken;
  // What was held of it is whole here now: given back beside this it would be there twice.
  const state = { ...taken, held: new Map([...taken.held].filter(([rev]) => rev !== op.rev)) };
  if (!op.ours) return state; // what was brought is none of this phone's own numbers
  const drafts = new Map([...state.drafts].filter(([record]) => record !== op.record));
  return { ...state, drafts, devSeq: state.devSeq + 1, lastRev: op.rev };
}

/** Let a revision that is here take along the files that it is brought with: it may have come without them. */
function takeFiles(state: PhoneState, brought: SealedOp): PhoneState {
  const here = state.ops.find((op) => op.content === brought.content);
  const more = here === undefined ? [] : brought.media.filter((sha256) => !here.media.includes(sha256));
  if (here === undefined || more.length === 0) return state;
  const ops = state.ops.map((op) => (op === here ? { ...op, media: [...op.media, ...more] } : op));
  return { ...state, ops, mediaWanted: without(union(state.mediaWanted, more), state.mediaDurable) };
}

function hearOfMedia(before: PhoneState, news: MediaNews): PhoneState {
  if (news.requestEpoch !== null && news.requestEpoch !== before.epoch) return before;
  const state = withoutFailures(before, MEDIA);
  const one = [news.sha256];
  const wanted = state.mediaWanted;
  const durable = state.mediaDurable;
  return {
    ...state,
    mediaWanted: news.type === "MediaAbsent" ? union(wanted, one) : without(wanted, one),
    mediaUnsure: without(state.mediaUnsure, one),
    mediaDurable: news.type === "MediaDurable" ? union(durable, one) : without(durable, one),
  };
}

/** Keep somebody else's revision, unless it is here already; one that comes late is offered at once. */
function hold(state: PhoneState, event: Held): PhoneState {
  const rev = event.item.rev;
  if (state.held.has(rev) || state.ops.some((op) => op.rev === rev && op.kind === "revision")) return state;
  const late = event.requestEpoch === state.epoch ? [] : [rev];
  const held = new Map(state.held).set(rev, { record: event.record, item: event.item });
  return { ...state, held, toReoffer: union(state.toReoffer, late) };
}

function release(state: PhoneState, rev: string): PhoneState {
  if (!mayRelease(state, rev)) return state;
  return { ...state, held: new Map([...state.held].filter(([each]) => each !== rev)) };
}

/** Leave stubs of what is safe to delete; anything else stays whole. */
function prune(state: PhoneState, event: Pruned): Kept {
  if (!safeToDelete(state, event.name, event.now)) return [state, []];
  const gone = state.ops.filter((op) => op.op === event.name || op.record === event.name);
  const names = new Set(gone.map((op) => op.op));
  const ops = state.ops.filter((op) => !names.has(op.op));
  const stubs = new Map(state.stubs);
  for (const op of gone) {
    const receipt = state.receipts.get(op.op);
    if (receipt !== undefined) stubs.set(op.op, stubOf(op, receipt));
  }
  const needed = ops.flatMap((op) => op.media);
  const files = without(new Set(gone.flatMap((op) => op.media)), needed);
  const following = {
    ...state,
    ops,
    receipts: new Map([...state.receipts].filter(([op]) => !names.has(op))),
    stubs,
    mediaDurable: without(state.mediaDurable, files),
  };
  return [following, files.size > 0 ? [{ type: "DropMedia", sha256s: sortedTexts(files) }] : []];
}

function stubOf(op: SealedOp, receipt: Outcome): Stub {
  return {
    op: op.op,
    kind: op.kind,
    rev: op.rev,
    content: op.content,
    record: op.record,
    task: op.task,
    media: op.media,
    receipt,
  };
}
