/**
 * A phone as data: `step(state, event)` gives the next state and what to ask for next.
 *
 * A driver stores the returned state in one transaction before it acts on the effects (R6). Rules R2 to R7 are those
 * of docs/protocol.md. This is `sync/phone.py` in the phone's own language; the tests hold the two together.
 */

import { sortedTexts } from "./order.ts";
import { kindOf, type Ask, type Effect, type Kind } from "./phoneEffects.ts";
import { answersOf, epochOf, type Event, type LoggedIn, type Refused, type Reply } from "./phoneEvents.ts";
import { keep } from "./phoneKeeping.ts";
import {
  pushes,
  takePushReply,
  takeRefusedPush,
  takeReofferReply,
  takeStatusReply,
  TOO_LARGE,
  UNREADABLE,
} from "./phoneOutbox.ts";
import { beginSweep, takeBucket, takeDigest, takePage } from "./phoneReading.ts";
import {
  hasDurableReceipt,
  needReoffer,
  readLimits,
  unsureOfFiles,
  withoutFailures,
  type Blocked,
  type PhoneState,
} from "./phoneState.ts";
import { union, without } from "./sets.ts";

export type Step = readonly [PhoneState, readonly Effect[]];

const MAX_REOFFER = 1000;
const MAX_STATUS = 500;
/** Milliseconds after which a request without an answer counts as lost. */
const PATIENCE = 2 * 60 * 1000;
/** Milliseconds of the longest rest; one that reaches further is of a clock that jumped. */
const MAX_WAIT = 60 * 60 * 1000;
const BLOCKED: ReadonlyMap<number, Blocked> = new Map([
  [401, "signed_out"],
  [403, "device_blocked"],
  [426, "app_too_old"],
]);

/** Let one thing happen to a phone. */
export function step(state: PhoneState, event: Event): Step {
  const [following, effects] = happen(state, event);
  const answers = answersOf(event);
  const since = answers.flatMap((kind) => following.asked.get(kind) ?? []);
  if (since.length === 0) return [following, effects];
  // What was answered is no longer in flight; what it leads to is, as long as that has been.
  const asked = new Map([...following.asked].filter(([kind]) => !answers.includes(kind)));
  for (const effect of effects) {
    if (effect.type === "DropMedia" || effect.type === "AskMedia") continue;
    if (!asked.has(kindOf(effect))) asked.set(kindOf(effect), Math.min(...since));
  }
  return [{ ...following, asked }, effects];
}

/**
 * Say what a phone would ask for if it were online now.
 *
 * A stuck push never holds up a pull, nor the reverse. What rests is not asked for; a phone that is blocked only
 * tries whether it still is.
 */
export function wishes(state: PhoneState): readonly Ask[] {
  if (state.epoch === null) return [];
  const pull: Ask = { type: "AskPull", epoch: state.epoch, cursor: state.cursor };
  const asks = state.blocked
    ? [pull]
    : [
        ...offers(state, state.epoch),
        ...pushes(state),
        pull,
        ...aboutMedia(state, state.epoch),
        ...confirmations(state, state.epoch),
      ];
  return asks.filter((ask) => !state.waits.has(kindOf(ask)));
}

function offers(state: PhoneState, epoch: string): readonly Ask[] {
  if (!needReoffer(state)) return [];
  return [{ type: "AskReoffer", epoch, revs: sortedTexts(state.toReoffer).slice(0, MAX_REOFFER) }];
}

/** Ask for receipts of this epoch, once it is known what was lost. */
function confirmations(state: PhoneState, epoch: string): readonly Ask[] {
  if (needReoffer(state) || state.unconfirmed.size === 0) return [];
  return [{ type: "AskStatus", epoch, ops: sortedTexts(state.unconfirmed).slice(0, MAX_STATUS) }];
}

/** Upload what is wanted; ask for what is unsure, and for second copies that would let something go. */
function aboutMedia(state: PhoneState, epoch: string): readonly Ask[] {
  const asks: Ask[] = [];
  if (state.mediaWanted.size > 0) asks.push({ type: "AskMedia", sha256s: sortedTexts(state.mediaWanted) });
  const receipted = state.durableSeq > 0 ? state.ops.filter((op) => hasDurableReceipt(state, op.op)) : [];
  const unsure = union(state.mediaUnsure, receipted.flatMap((op) => op.media));
  const asked = without(without(unsure, state.mediaDurable), state.mediaWanted);
  if (asked.size > 0) asks.push({ type: "AskMediaStatus", epoch, sha256s: sortedTexts(asked) });
  return asks;
}

/**
 * Give how many milliseconds to rest after so many failures in a row: full jitter, on top of Retry-After.
 *
 * `randomness` is from 0 up to, not including, 1; `retryAfter` is in milliseconds. It is never more than the longest
 * rest: one that reaches further would count as none.
 */
export function backOff(failures: number, randomness: number, retryAfter = 0): number {
  const ceiling = Math.min(5 * 60 * 1000, 2000 * 2 ** Math.min(Math.max(failures - 1, 0), 16));
  return Math.min(MAX_WAIT, retryAfter + Math.floor(randomness * ceiling));
}

function happen(state: PhoneState, event: Event): Step {
  switch (event.type) {
    case "Woken":
      return wake(state, event.now);
    case "LoggedIn": {
      const following = logIn(state, event);
      return [following, wishes(following)];
    }
    case "Throttled": {
      const failures = new Map(state.failures).set(event.what, (state.failures.get(event.what) ?? 0) + 1);
      return [{ ...state, waits: new Map(state.waits).set(event.what, event.until), failures }, []];
    }
    case "Drafted":
    case "Sealed":
    case "Held":
    case "Released":
    case "Pruned":
    case "CacheEvicted":
    case "MediaStored":
    case "MediaDurable":
    case "MediaAbsent":
      return keep(state, event);
    default:
      // R2: what was asked in an epoch that is over says nothing about this one.
      return event.requestEpoch === state.epoch ? takeReply(state, event) : [state, []];
  }
}

/** Begin to sync, without what is in flight already. */
function wake(before: PhoneState, now: number | null): Step {
  if (now === null) return [before, wishes(before)];
  const waits = new Map([...before.waits].filter(([, until]) => now < until && until <= now + MAX_WAIT));
  const asked = new Map([...before.asked].filter(([, when]) => when <= now && now < when + PATIENCE));
  const state = { ...before, waits };
  const asks = wishes(state).filter((ask) => !asked.has(kindOf(ask)));
  // An upload takes as long as it takes, and who carries it out knows of it.
  for (const ask of asks) if (ask.type !== "AskMedia") asked.set(kindOf(ask), now);
  return [{ ...state, asked }, asks];
}

function takeReply(state: PhoneState, reply: Reply | Refused): Step {
  if (reply.type === "Refused") return takeRefusal(state, reply);
  if (epochOf(reply) !== state.epoch) {
    const elsewhere = enterEpoch(state, epochOf(reply));
    return [elsewhere, wishes(elsewhere)];
  }
  const heard = withoutFailures({ ...state, blocked: null }, answersOf(reply));
  const [following, asks] = readReply(heard, reply);
  if (state.blocked === null) return [following, asks];
  const given = new Set<Kind>(["pull", ...asks.map(kindOf)]);
  return [following, [...asks, ...wishes(following).filter((ask) => !given.has(kindOf(ask)))]];
}

function readReply(state: PhoneState, reply: Reply): readonly [PhoneState, readonly Ask[]] {
  switch (reply.type) {
    case "PageArrived":
      // R5
      return reply.requestCursor === state.cursor ? takePage(state, reply) : [state, []];
    case "PullReset":
      if (reply.requestCursor !== state.cursor) return [state, []];
      return [beginSweep(state), [{ type: "AskPull", epoch: reply.epoch, cursor: null }]];
    case "PushReplied":
      return takePushReply(state, reply);
    case "ReofferReplied": {
      const following = takeReofferReply(state, reply);
      return [following, wishes(following)];
    }
    case "StatusReplied": {
      const following = takeStatusReply(state, reply);
      return [following, pushes(following)];
    }
    case "DigestReplied":
      return takeDigest(state, reply);
    case "BucketReplied":
      return [takeBucket(state, reply), []];
    case "EpochRefused":
      return [state, []];
  }
}

function takeRefusal(state: PhoneState, event: Refused): Step {
  const blocked = BLOCKED.get(event.status);
  if (blocked !== undefined) return [{ ...state, blocked }, []];
  if (event.what === "push" && (event.status === UNREADABLE || event.status === TOO_LARGE)) {
    return takeRefusedPush(state, event);
  }
  return [state, []];
}

/** Sign in: what was blocked or set aside is tried once more. */
function logIn(before: PhoneState, event: LoggedIn): PhoneState {
  if (before.user !== null && before.user !== event.user) {
    throw new Error("each person keeps an own state on a shared phone");
  }
  const state: PhoneState = {
    ...before,
    user: event.user,
    limits: event.limits === null ? before.limits : readLimits(event.limits),
    blocked: null,
    stuck: new Map(),
    suspects: [],
    asked: new Map(),
  };
  if (state.epoch === null) return { ...state, epoch: event.epoch };
  return state.epoch === event.epoch ? state : enterEpoch(state, event.epoch);
}

/**
 * Begin to live in another epoch: offer again what was safe in the last one, and read everything anew.
 *
 * Duties are only ever added to (R3). Attestations are sent again unasked: they are few, and taken twice as once. Of
 * what was pruned only a stub is left, and nothing to offer.
 */
function enterEpoch(state: PhoneState, epoch: string): PhoneState {
  const safe = state.ops.filter((op) => state.receipts.has(op.op) && op.kind === "revision");
  const kept = new Set(safe.map((op) => op.op));
  return beginSweep({
    ...unsureOfFiles(state),
    epoch,
    receipts: new Map([...state.receipts].filter(([op]) => kept.has(op))),
    unconfirmed: kept,
    toReoffer: union(state.toReoffer, [...safe.map((op) => op.rev), ...state.held.keys()]),
    durableSeq: 0,
    blocked: null,
    stuck: new Map(),
    suspects: [],
  });
}
