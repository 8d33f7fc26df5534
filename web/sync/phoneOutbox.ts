/** The sending half of a phone: what goes into a push, and what each answer makes of the outbox. */

import { uuid5 } from "./names.ts";
import { readOutcome, SAFE, type Answer, type Outcome } from "./outcome.ts";
import type { AskPush } from "./phoneEffects.ts";
import type { PushReplied, Refused, ReofferReplied, StatusReplied } from "./phoneEvents.ts";
import { needReoffer, outbox, sendable, type HeldItem, type PhoneState } from "./phoneState.ts";
import { sizeOf, under, type SealedOp } from "./sealing.ts";
import { union, without } from "./sets.ts";

export const UNREADABLE = 400;
export const TOO_LARGE = 413;
/** Bytes of a body that a phone leaves for all that is not an item. */
const ENVELOPE = 1024;
/** Namespace of the operations under which a phone pushes what it holds of others. */
const HOLDERS = "0a7c2e54-9d1b-4f86-8a63-5be1d20f7c39";

export type Pushing = readonly [PhoneState, readonly AskPush[]];

/**
 * Ask for the next push, if there is anything to push and nothing to offer first. After an unreadable push, half of
 * what was in it, and so on until the operation is found.
 */
export function pushes(state: PhoneState): readonly AskPush[] {
  let next = sendable(state);
  if (state.epoch === null || needReoffer(state) || state.waits.has("push") || next.length === 0) return [];
  const suspects = next.filter((op) => state.suspects.includes(op.op));
  if (suspects.length > 0) next = suspects.slice(0, Math.max(1, Math.floor(suspects.length / 2)));
  return [{ type: "AskPush", epoch: state.epoch, ops: batch(state, next) }];
}

/** Take as much as one push may carry, at least one operation. */
function batch(state: PhoneState, next: readonly SealedOp[]): readonly SealedOp[] {
  let size = 0;
  let count = 0;
  for (const op of next.slice(0, width(state))) {
    size += sizeOf(op);
    if (count > 0 && size > state.limits.push_bytes - ENVELOPE) break;
    count += 1;
  }
  return next.slice(0, count);
}

function width(state: PhoneState): number {
  const most = Math.max(1, state.limits.push_items);
  return state.width === null ? most : Math.min(state.width, most);
}

/** Take the answers to a push, and push on if any of them made something safe. */
export function takePushReply(state: PhoneState, event: PushReplied): Pushing {
  const following = acknowledge(state, event.reply.items);
  const progress = following.receipts.size > state.receipts.size;
  return [following, progress ? pushes(following) : []];
}

/** Take answers; each speaks only of the operation whose content it names (R7). */
function acknowledge(state: PhoneState, answers: readonly Answer[]): PhoneState {
  const waiting = new Map(outbox(state).map((op) => [op.op, op]));
  const read = new Set<string>();
  const renamed = new Map<string, SealedOp>();
  const receipts = new Map<string, Outcome>();
  const missing = new Set<string>();
  for (const answer of answers) {
    const op = waiting.get(answer.op);
    if (op === undefined || answer.content !== op.content) continue;
    read.add(op.op);
    if (answer.outcome === "retry") continue;
    waiting.delete(op.op);
    if (answer.outcome === "op_reuse") {
      // The id is spent on other content: the same work goes under another one.
      renamed.set(op.op, under(op, uuid5(op.op, op.content)));
    } else if (SAFE.has(answer.outcome)) {
      receipts.set(op.op, readOutcome(answer));
      const named = (answer.media_missing ?? []).map((name) => name.replace(/^sha256:/, ""));
      // Of others' files only those are on this phone that came with their work.
      for (const sha256 of named) if (op.ours || op.media.includes(sha256)) missing.add(sha256);
    }
  }
  if (read.size === 0) return state;
  return {
    ...state,
    ops: state.ops.map((op) => renamed.get(op.op) ?? op),
    receipts: new Map([...state.receipts, ...receipts]),
    mediaWanted: union(state.mediaWanted, missing),
    mediaUnsure: without(state.mediaUnsure, missing),
    mediaDurable: without(state.mediaDurable, missing),
    stuck: new Map([...state.stuck].filter(([op]) => !read.has(op))),
    suspects: state.suspects.filter((op) => !read.has(op)),
    width: wider(state),
  };
}

/** Let one more into a push again, after one that went through. */
function wider(state: PhoneState): number | null {
  return state.width === null || state.width >= state.limits.push_items ? null : state.width + 1;
}

/**
 * Make the push smaller after 400 or 413; one operation that is refused alone is set aside: it stays in the outbox
 * and is shown, and the others go on.
 */
export function takeRefusedPush(state: PhoneState, event: Refused): Pushing {
  const sent = sendable(state)
    .map((op) => op.op)
    .filter((op) => event.ops.includes(op));
  const [first] = sent;
  if (first === undefined) return [state, []];
  let following: PhoneState;
  if (event.ops.length === 1) {
    const suspects = state.suspects.filter((op) => op !== first);
    following = { ...state, stuck: new Map(state.stuck).set(first, event.status), suspects };
  } else if (event.status === TOO_LARGE) {
    following = { ...state, width: Math.max(1, Math.floor(event.ops.length / 2)) };
  } else {
    following = { ...state, suspects: sent };
  }
  return [following, pushes(following)];
}

/** Put what the server lost into the outbox again: others' work first, own work where it was. */
export function takeReofferReply(state: PhoneState, event: ReofferReplied): PhoneState {
  const missing = new Set(event.missing.filter((rev) => state.toReoffer.has(rev)));
  const lost = new Set(state.ops.filter((op) => missing.has(op.rev)).map((op) => op.op));
  const back = [...state.held].filter(([rev]) => missing.has(rev)).map(([rev, held]) => givenBack(state, rev, held));
  // What was given back once and pruned since has its bytes again.
  const whole = new Set(back.map((op) => op.op));
  return {
    ...state,
    ops: [...back, ...state.ops],
    stubs: new Map([...state.stubs].filter(([op]) => !whole.has(op))),
    receipts: new Map([...state.receipts].filter(([op]) => !lost.has(op))),
    unconfirmed: without(state.unconfirmed, lost),
    held: new Map([...state.held].filter(([rev]) => !missing.has(rev))),
    toReoffer: without(state.toReoffer, event.offered),
  };
}

/** Somebody else's revision as this phone's person sends it, with those of its files that came with it. */
export function givenBack(state: PhoneState, rev: string, held: HeldItem, media: readonly string[] = []): SealedOp {
  const op = uuid5(uuid5(HOLDERS, state.user ?? ""), rev);
  const item = { op, ...held.item };
  return { op, kind: "revision", rev, content: rev, item, record: held.record, task: null, media, ours: false };
}

/**
 * Take what the server knows in this epoch of operations whose receipts are of an earlier one. An operation it does
 * not know goes out again: somebody else gave its bytes back.
 */
export function takeStatusReply(state: PhoneState, event: StatusReplied): PhoneState {
  const ops = new Map(state.ops.filter((op) => state.unconfirmed.has(op.op)).map((op) => [op.op, op]));
  const receipts = new Map(state.receipts);
  const told = new Set<string>();
  for (const answer of event.reply.items) {
    const op = ops.get(answer.op);
    if (op === undefined) continue;
    told.add(op.op);
    if (SAFE.has(answer.outcome) && answer.content === op.content) receipts.set(op.op, readOutcome(answer));
    else receipts.delete(op.op);
  }
  return told.size > 0 ? { ...state, receipts, unconfirmed: without(state.unconfirmed, told) } : state;
}
