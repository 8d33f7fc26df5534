/** All that a phone must not forget, and what follows from it. */

import type { Outcome } from "./outcome.ts";
import type { Kind } from "./phoneEffects.ts";
import { receiptMoment } from "./receipts.ts";
import type { Item, SealedOp } from "./sealing.ts";
import { without } from "./sets.ts";
import { EMPTY_VIEW, keyOf, type Key, type View } from "./view.ts";

/** Milliseconds. */
export const DAY = 24 * 60 * 60 * 1000;

export type OpLife = "sealed" | "receipted" | "media_ok" | "durable" | "pruned";
export type Blocked = "signed_out" | "device_blocked" | "app_too_old";

/** What the server asks phones to keep to, as told at sign-in and in its words. */
export interface Limits {
  readonly push_items: number;
  readonly push_bytes: number;
  readonly pull_items: number;
  readonly retention_days: number;
}

export const DEFAULT_LIMITS: Limits = {
  push_items: 50,
  push_bytes: 1024 * 1024,
  pull_items: 200,
  retention_days: 30,
};

/** Read limits; what is not told stands at its default. */
export function readLimits(body: Partial<Limits>): Limits {
  return {
    push_items: body.push_items ?? DEFAULT_LIMITS.push_items,
    push_bytes: body.push_bytes ?? DEFAULT_LIMITS.push_bytes,
    pull_items: body.pull_items ?? DEFAULT_LIMITS.pull_items,
    retention_days: body.retention_days ?? DEFAULT_LIMITS.retention_days,
  };
}

/** Somebody else's revision, kept to give it back after a restore: its push item without `op`. */
export interface HeldItem {
  readonly record: string;
  readonly item: Item;
}

/** What stays of an operation when its bytes are gone from the phone. */
export interface Stub {
  readonly op: string;
  readonly kind: string;
  readonly rev: string;
  readonly content: string;
  readonly record: string | null;
  readonly task: string | null;
  readonly media: readonly string[];
  readonly receipt: Outcome;
}

/** A phone; what each field means stands at `PhoneState` in sync/phone_state.py. */
export interface PhoneState {
  readonly user: string | null;
  readonly epoch: string | null;
  readonly cursor: string | null;
  readonly view: View;
  readonly drafts: ReadonlyMap<string, string>;
  readonly ops: readonly SealedOp[];
  readonly receipts: ReadonlyMap<string, Outcome>;
  readonly unconfirmed: ReadonlySet<string>;
  readonly stubs: ReadonlyMap<string, Stub>;
  readonly stuck: ReadonlyMap<string, number>;
  readonly held: ReadonlyMap<string, HeldItem>;
  readonly mediaWanted: ReadonlySet<string>;
  readonly mediaUnsure: ReadonlySet<string>;
  readonly mediaDurable: ReadonlySet<string>;
  readonly toReoffer: ReadonlySet<string>;
  readonly needSweep: boolean;
  readonly devSeq: number;
  readonly lastRev: string | null;
  readonly durableSeq: number;
  readonly limits: Limits;
  readonly blocked: Blocked | null;
  readonly suspects: readonly string[];
  readonly width: number | null;
  readonly waits: ReadonlyMap<Kind, number>;
  readonly failures: ReadonlyMap<Kind, number>;
  readonly asked: ReadonlyMap<Kind, number>;
  readonly serverTime: number | null;
  readonly digestDue: number | null;
  readonly toRepair: ReadonlySet<number>;
  readonly repairs: number;
  readonly extra: Readonly<Record<string, unknown>>;
}

export const NEW_PHONE: PhoneState = {
  user: null,
  epoch: null,
  cursor: null,
  view: EMPTY_VIEW,
  drafts: new Map(),
  ops: [],
  receipts: new Map(),
  unconfirmed: new Set(),
  stubs: new Map(),
  stuck: new Map(),
  held: new Map(),
  mediaWanted: new Set(),
  mediaUnsure: new Set(),
  mediaDurable: new Set(),
  toReoffer: new Set(),
  needSweep: false,
  devSeq: 0,
  lastRev: null,
  durableSeq: 0,
  limits: DEFAULT_LIMITS,
  blocked: null,
  suspects: [],
  width: null,
  waits: new Map(),
  failures: new Map(),
  asked: new Map(),
  serverTime: null,
  digestDue: null,
  toRepair: new Set(),
  repairs: 0,
  extra: {},
};

/** Operations that are not known to be safe, oldest first. */
export function outbox(state: PhoneState): readonly SealedOp[] {
  return state.ops.filter((op) => !state.receipts.has(op.op));
}

/** What of the outbox is not set aside. */
export function sendable(state: PhoneState): readonly SealedOp[] {
  return outbox(state).filter((op) => !state.stuck.has(op.op));
}

/** Whether the server must still be asked what it lost. */
export function needReoffer(state: PhoneState): boolean {
  return state.toReoffer.size > 0;
}

/** The tasks and records on which there is work that is not safe yet. */
export function busy(state: PhoneState): ReadonlySet<Key> {
  const keys = new Set<Key>();
  const add = (record: string | null, task: string | null): void => {
    if (record !== null) keys.add(keyOf("record", record));
    if (task !== null) keys.add(keyOf("task", task));
  };
  for (const [record, task] of state.drafts) add(record, task);
  for (const op of outbox(state)) add(op.record, op.task);
  return keys;
}

/** Forget what kept these kinds of requests from being answered. */
export function withoutFailures(state: PhoneState, kinds: readonly Kind[]): PhoneState {
  const others = (counts: ReadonlyMap<Kind, number>): ReadonlyMap<Kind, number> =>
    new Map([...counts].filter(([kind]) => !kinds.includes(kind)));
  return { ...state, waits: others(state.waits), failures: others(state.failures) };
}

/** Be sure of no file: the server is asked for each that is not to be uploaded anyway. */
export function unsureOfFiles(state: PhoneState): PhoneState {
  const files = new Set(state.ops.flatMap((op) => op.media));
  return { ...state, mediaUnsure: without(files, state.mediaWanted), mediaDurable: new Set() };
}

/** Tell how far an operation has come; null when there is none of that id. */
export function opLife(state: PhoneState, op: string): OpLife | null {
  if (state.stubs.has(op)) return "pruned";
  const sealed = state.ops.find((each) => each.op === op);
  if (sealed === undefined) return null;
  if (!state.receipts.has(op)) return "sealed";
  if (!sealed.media.every((sha256) => state.mediaDurable.has(sha256))) return "receipted";
  return hasDurableReceipt(state, op) ? "durable" : "media_ok";
}

/** Tell whether a receipt of this epoch stands where a second copy of the log is known to reach. */
export function hasDurableReceipt(state: PhoneState, op: string): boolean {
  const seq = state.receipts.get(op)?.seq ?? null;
  return seq !== null && !state.unconfirmed.has(op) && seq <= state.durableSeq;
}

/**
 * Tell whether an operation, or a record with all its operations, may be deleted from the phone.
 *
 * `now` is milliseconds of Unix time, and counts only as far as the server's own clock was heard to go. Nobody may
 * be at work on the record, every receipt must be durable and so must every file, and the server's time to keep must
 * have passed since the receipt.
 */
export function safeToDelete(state: PhoneState, name: string, now: number): boolean {
  const ops = state.ops.filter((op) => op.op === name || op.record === name);
  return ops.length > 0 && ops.every((op) => mayGo(state, op, now));
}

function mayGo(state: PhoneState, op: SealedOp, now: number): boolean {
  if (opLife(state, op.op) !== "durable" || state.serverTime === null) return false;
  const received = receiptMoment(state.receipts.get(op.op)?.receipt ?? null);
  const isBusy = op.record !== null && busy(state).has(keyOf("record", op.record));
  if (received === null || isBusy) return false;
  return Math.min(now, state.serverTime) >= received + state.limits.retention_days * DAY;
}

/**
 * Tell whether somebody else's revision need not be kept: its record is no longer shown here, or is durable in its
 * newest state.
 */
export function mayRelease(state: PhoneState, rev: string): boolean {
  const held = state.held.get(rev);
  if (held === undefined || state.needSweep || state.toReoffer.has(rev)) return false;
  const record = state.view.entities.get(keyOf("record", held.record));
  return record === undefined || record.n <= state.durableSeq;
}
