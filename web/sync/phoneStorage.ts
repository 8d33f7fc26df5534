/**
 * A phone written down as JSON, so that it outlives the app that wrote it; and the file of last resort.
 *
 * Fields are only ever added. An app reads what the version before it wrote, and what the version after it wrote
 * (after a step back): fields it does not know are kept and written again.
 */

import { byCodePoint, sortedTexts } from "./order.ts";
import { readOutcome, type Answer, type Outcome } from "./outcome.ts";
import type { Kind } from "./phoneEffects.ts";
import {
  NEW_PHONE,
  outbox,
  readLimits,
  type Blocked,
  type HeldItem,
  type Limits,
  type PhoneState,
  type Stub,
} from "./phoneState.ts";
import type { SealedOp } from "./sealing.ts";
import { keyOf, partsOf, type Entity, type Key, type View } from "./view.ts";

/** In format 1 an entity named its feeds without their numbers. */
export const FORMAT = 2;

/** The JSON is no phone, or one of a version that is too far away. Keep it: its operations can be sent. */
export class UnreadableState extends Error {}

interface StoredEntity {
  readonly kind: string;
  readonly id: string;
  readonly n: number;
  readonly body: unknown;
  readonly via: Readonly<Record<string, number>> | readonly string[];
}

type StoredStub = Omit<Stub, "receipt"> & { readonly receipt: Answer };
type StoredOp = Omit<SealedOp, "ours"> & { readonly ours?: boolean };
type Texts = Readonly<Record<string, string>>;
type Numbers = Readonly<Record<string, number>>;

/** A phone as it is stored. */
export interface StoredPhone {
  readonly format: number;
  readonly user: string | null;
  readonly epoch: string | null;
  readonly cursor: string | null;
  readonly view: {
    readonly entities: readonly StoredEntity[];
    readonly withdrawn: readonly StoredEntity[];
    readonly seen: readonly (readonly [string, string, readonly string[]])[] | null;
  };
  readonly drafts: Texts;
  readonly ops: readonly StoredOp[];
  readonly receipts: Readonly<Record<string, Answer>>;
  readonly unconfirmed: readonly string[];
  readonly stubs: readonly StoredStub[];
  readonly stuck: Numbers;
  readonly held: readonly HeldItem[];
  readonly media_wanted: readonly string[];
  readonly media_unsure: readonly string[];
  readonly media_durable: readonly string[];
  readonly to_reoffer: readonly string[];
  readonly need_sweep: boolean;
  readonly dev_seq: number;
  readonly last_rev: string | null;
  readonly durable_seq: number;
  readonly limits: Limits;
  readonly blocked: Blocked | null;
  readonly suspects: readonly string[];
  readonly width: number | null;
  readonly waits: Numbers;
  readonly failures: Numbers;
  readonly asked: Numbers;
  readonly server_time: number | null;
  readonly digest_due: number | null;
  readonly to_repair: readonly number[];
  readonly repairs: number;
}

const KNOWN: ReadonlySet<string> = new Set(Object.keys(stateAsJson(NEW_PHONE)));

/** Write everything; the same state always gives the same JSON. */
export function stateAsJson(state: PhoneState): StoredPhone {
  return {
    ...state.extra,
    format: FORMAT,
    user: state.user,
    epoch: state.epoch,
    cursor: state.cursor,
    view: writeView(state.view),
    drafts: Object.fromEntries(state.drafts),
    ops: state.ops,
    receipts: Object.fromEntries(state.receipts),
    unconfirmed: sortedTexts(state.unconfirmed),
    stubs: [...state.stubs.values()],
    stuck: Object.fromEntries(state.stuck),
    held: [...state.held.values()],
    media_wanted: sortedTexts(state.mediaWanted),
    media_unsure: sortedTexts(state.mediaUnsure),
    media_durable: sortedTexts(state.mediaDurable),
    to_reoffer: sortedTexts(state.toReoffer),
    need_sweep: state.needSweep,
    dev_seq: state.devSeq,
    last_rev: state.lastRev,
    durable_seq: state.durableSeq,
    limits: state.limits,
    blocked: state.blocked,
    suspects: state.suspects,
    width: state.width,
    waits: Object.fromEntries(state.waits),
    failures: Object.fromEntries(state.failures),
    asked: Object.fromEntries(state.asked),
    server_time: state.serverTime,
    digest_due: state.digestDue,
    to_repair: [...state.toRepair].sort((a, b) => a - b),
    repairs: state.repairs,
  };
}

/** Read a phone of this format or of one beside it. */
export function stateFromJson(body: Readonly<Record<string, unknown>>): PhoneState {
  const version = body["format"];
  if (typeof version !== "number" || Math.abs(version - FORMAT) > 1) {
    throw new UnreadableState(`format ${String(version)} is not read by format ${String(FORMAT)}`);
  }
  // What is stored came from `stateAsJson`; fields that came later stand at their defaults.
  const stored = { ...stateAsJson(NEW_PHONE), ...body } as StoredPhone;
  try {
    return read(stored, Object.fromEntries(Object.entries(body).filter(([name]) => !KNOWN.has(name))));
  } catch (error) {
    throw new UnreadableState(`no phone: ${String(error)}`);
  }
}

function read(stored: StoredPhone, extra: Readonly<Record<string, unknown>>): PhoneState {
  return {
    user: stored.user,
    epoch: stored.epoch,
    cursor: stored.cursor,
    view: readView(stored.view),
    drafts: new Map(Object.entries(stored.drafts)),
    ops: stored.ops.map((op) => ({ ...op, ours: op.ours ?? true })),
    receipts: new Map(Object.entries(stored.receipts).map(([op, answer]): [string, Outcome] => [op, readOutcome(answer)])),
    unconfirmed: new Set(stored.unconfirmed),
    stubs: new Map(stored.stubs.map((stub) => [stub.op, { ...stub, receipt: readOutcome(stub.receipt) }])),
    stuck: new Map(Object.entries(stored.stuck)),
    held: new Map(stored.held.map((each) => [each.item.rev, each])),
    mediaWanted: new Set(stored.media_wanted),
    mediaUnsure: new Set(stored.media_unsure),
    mediaDurable: new Set(stored.media_durable),
    toReoffer: new Set(stored.to_reoffer),
    needSweep: stored.need_sweep,
    devSeq: stored.dev_seq,
    lastRev: stored.last_rev,
    durableSeq: stored.durable_seq,
    limits: readLimits(stored.limits),
    blocked: stored.blocked,
    suspects: stored.suspects,
    width: stored.width,
    waits: readKinds(stored.waits),
    failures: readKinds(stored.failures),
    asked: readKinds(stored.asked),
    serverTime: stored.server_time,
    digestDue: stored.digest_due,
    toRepair: new Set(stored.to_repair),
    repairs: stored.repairs,
    extra,
  };
}

/**
 * Write all that is not known to be safe as lines of JSON, oldest first: the items of `POST /sync/push`. What is set
 * aside is among them. Files are not.
 */
export function exportOutbox(state: PhoneState): string {
  return outbox(state)
    .map((op) => JSON.stringify(op.item) + "\n")
    .join("");
}

function readKinds(stored: Numbers): ReadonlyMap<Kind, number> {
  return new Map(Object.entries(stored) as [Kind, number][]);
}

function byKey([left]: readonly [Key, unknown], [right]: readonly [Key, unknown]): number {
  const [kind, id] = partsOf(left);
  const [otherKind, otherId] = partsOf(right);
  return byCodePoint(kind, otherKind) || byCodePoint(id, otherId);
}

function writeEntities(entities: ReadonlyMap<Key, Entity>): readonly StoredEntity[] {
  return [...entities].sort(byKey).map(([key, entity]) => {
    const [kind, id] = partsOf(key);
    return { kind, id, n: entity.n, body: entity.body, via: Object.fromEntries(entity.via) };
  });
}

function readEntities(stored: readonly StoredEntity[]): ReadonlyMap<Key, Entity> {
  return new Map(
    stored.map(({ kind, id, n, body, via }) => {
      const feeds = isList(via) ? via.map((each): [string, number] => [each, n]) : Object.entries(via);
      return [keyOf(kind, id), { n, body, via: new Map(feeds) }];
    }),
  );
}

function isList(via: StoredEntity["via"]): via is readonly string[] {
  return Array.isArray(via);
}

function writeView(view: View): StoredPhone["view"] {
  const seen = view.seen && [...view.seen].sort(byKey).map(([key, feeds]) => {
    const [kind, id] = partsOf(key);
    return [kind, id, sortedTexts(feeds)] as const;
  });
  return { entities: writeEntities(view.entities), withdrawn: writeEntities(view.withdrawn), seen };
}

function readView(stored: StoredPhone["view"]): View {
  const seen =
    stored.seen &&
    new Map(stored.seen.map(([kind, id, feeds]): [Key, ReadonlySet<string>] => [keyOf(kind, id), new Set(feeds)]));
  return { entities: readEntities(stored.entities), withdrawn: readEntities(stored.withdrawn), seen };
}
