/** What a phone was shown: entities, each visible through one or more feeds, kept current by pull pages. */

import { bucketOf, type Row } from "./digest.ts";

/** The feed an item came through when it names no channel as its `via`. */
export const OWN_FEED = "me";

/** An entity's kind and id in one text. */
export type Key = string;

export function keyOf(kind: string, id: string): Key {
  return `${kind}\0${id}`;
}

export function partsOf(key: Key): readonly [kind: string, id: string] {
  const cut = key.indexOf("\0");
  return [key.slice(0, cut), key.slice(cut + 1)];
}

/**
 * One thing in its newest state `n`, and the number last told through each feed that shows it. A state newer than
 * everything told is not the server's: a restore or damage left it (`rows`).
 */
export interface Entity {
  readonly n: number;
  readonly body: unknown;
  readonly via: ReadonlyMap<string, number>;
}

export interface PutItem {
  readonly op: "put";
  readonly kind: string;
  readonly id: string;
  readonly n: number;
  readonly body: unknown;
  readonly via?: string;
}

export interface DropItem {
  readonly op: "drop";
  readonly kind: string;
  readonly id: string;
  readonly via?: string;
}

export type PullItem = PutItem | DropItem;

/**
 * What is visible, and what was `withdrawn` while there is still work on it. `seen` is what a sweep in progress has
 * met (the feeds of each entity), null when there is none.
 */
export interface View {
  readonly entities: ReadonlyMap<Key, Entity>;
  readonly withdrawn: ReadonlyMap<Key, Entity>;
  readonly seen: ReadonlyMap<Key, ReadonlySet<string>> | null;
}

export const EMPTY_VIEW: View = { entities: new Map(), withdrawn: new Map(), seen: null };

type Busy = ReadonlySet<Key>;

/** Take a page's items in order; `busy` are the entities on which there is local work that is not safe yet. */
export function applied(view: View, items: readonly PullItem[], busy: Busy): View {
  if (items.length === 0) return view;
  const change = new Change(view, busy);
  for (const item of items) change.take(item);
  return change.done();
}

/** Begin to be told everything anew, from zero. */
export function sweepBegun(view: View): View {
  return { ...view, seen: new Map() };
}

/** End a sweep: what was not met again is gone. */
export function swept(view: View, busy: Busy): View {
  const change = new Change(view, busy);
  for (const [key, entity] of view.entities) {
    for (const via of entity.via.keys()) {
      if (!view.seen?.get(key)?.has(via)) change.drop(key, via);
    }
  }
  return { ...change.done(), seen: null };
}

/** Hold exactly these items in one bucket of the digest, whatever was in it. */
export function withBucket(view: View, bucket: number, items: readonly PutItem[], busy: Busy): View {
  const change = new Change(view, busy);
  const held = [...view.entities].filter(([key]) => bucketOf(...partsOf(key)) === bucket);
  for (const [key] of held) change.entities.delete(key);
  for (const item of items) {
    if (bucketOf(item.kind, item.id) === bucket) change.put(item);
  }
  for (const [key, entity] of held) {
    if (!change.entities.has(key) && busy.has(key)) change.withdrawn.set(key, entity);
  }
  return change.done();
}

/** Let go of what was withdrawn once the work on it is safe. */
export function settled(view: View, busy: Busy): View {
  const kept = [...view.withdrawn].filter(([key]) => busy.has(key));
  return kept.length === view.withdrawn.size ? view : { ...view, withdrawn: new Map(kept) };
}

/**
 * Give what the digest sums: each entity as it is visible through each feed. Older news leaves the newer state that is
 * held. Where the server tells of none as new as that, the state's own number is summed, so that the bucket differs and
 * is repaired.
 */
export function* rows(view: View): Generator<Row> {
  for (const [key, entity] of view.entities) {
    const isTold = entity.n <= Math.max(...entity.via.values());
    for (const [via, n] of entity.via) yield [via, ...partsOf(key), isTold ? n : entity.n];
  }
}

/** A view while a page is applied, so that a page costs one copy and not one for each of its items. */
class Change {
  readonly entities: Map<Key, Entity>;
  readonly withdrawn: Map<Key, Entity>;
  private readonly seen: Map<Key, ReadonlySet<string>> | null;
  private readonly busy: Busy;

  constructor(view: View, busy: Busy) {
    this.entities = new Map(view.entities);
    this.withdrawn = new Map(view.withdrawn);
    this.seen = view.seen && new Map(view.seen);
    this.busy = busy;
  }

  done(): View {
    return { entities: this.entities, withdrawn: this.withdrawn, seen: this.seen };
  }

  take(item: PullItem): void {
    if (item.op === "put") {
      this.put(item);
    } else if (item.kind === "channel") {
      for (const [key, entity] of [...this.entities]) {
        if (entity.via.has(item.id)) this.drop(key, item.id);
      }
    } else {
      this.drop(keyOf(item.kind, item.id), item.via ?? OWN_FEED);
    }
  }

  put(item: PutItem): void {
    const key = keyOf(item.kind, item.id);
    const via = item.via ?? OWN_FEED;
    const held = this.entities.get(key);
    const feeds = new Map(held?.via).set(via, item.n);
    // Older news is ignored, except the first of a sweep: a restored server counts lower than it once did.
    const toldAnew = this.seen !== null && !this.seen.has(key);
    if (held !== undefined && item.n < held.n && !toldAnew) {
      this.entities.set(key, { ...held, via: feeds });
    } else {
      this.entities.set(key, { n: item.n, body: item.body, via: feeds });
    }
    this.withdrawn.delete(key);
    this.seen?.set(key, new Set([...(this.seen.get(key) ?? []), via]));
  }

  /** Stop showing an entity through one feed; work on it stays, and so does what the work is about. */
  drop(key: Key, via: string): void {
    const entity = this.entities.get(key);
    if (entity === undefined) return;
    this.forgetSeen(key, via);
    const feeds = new Map(entity.via);
    feeds.delete(via);
    if (feeds.size > 0) {
      this.entities.set(key, { ...entity, n: Math.min(entity.n, Math.max(...feeds.values())), via: feeds });
      return;
    }
    this.entities.delete(key);
    if (this.busy.has(key)) this.withdrawn.set(key, entity);
  }

  private forgetSeen(key: Key, via: string): void {
    const met = this.seen?.get(key);
    if (met === undefined) return;
    const rest = new Set(met);
    rest.delete(via);
    if (rest.size > 0) this.seen?.set(key, rest);
    else this.seen?.delete(key);
  }
}
