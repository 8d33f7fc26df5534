/**
 * The phone in TypeScript, one line of JSON in and one out: `{"start", "events", "now"}` gives what changed in the
 * stored state and what was asked after each event, and what holds in the end; `{"rests"}` gives back-offs.
 */

import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";

import { backOff, step, wishes } from "../../web/sync/phone.ts";
import type { Effect } from "../../web/sync/phoneEffects.ts";
import type { Event } from "../../web/sync/phoneEvents.ts";
import { busy, mayRelease, opLife, safeToDelete, sendable, type PhoneState } from "../../web/sync/phoneState.ts";
import { exportOutbox, stateAsJson, stateFromJson, type StoredPhone } from "../../web/sync/phoneStorage.ts";
import { sortedTexts } from "../../web/sync/order.ts";
import { digest } from "../../web/sync/digest.ts";
import { partsOf, rows } from "../../web/sync/view.ts";

type Json = Record<string, unknown>;

interface Story {
  readonly start: Json;
  readonly events: readonly Json[];
  readonly now: number;
}

/** The mirror's names are the same words in camel case; what came over the wire keeps its own. */
function camel(body: Json): Event {
  const rename = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [rename(name), value])) as unknown as Event;
}

/** Effects, with the operations of a push by their ids; what is in them stands in the state. */
function plain(effect: Effect): Json {
  return effect.type === "AskPush" ? { ...effect, ops: effect.ops.map((op) => op.op) } : { ...effect };
}

/** The stored fields that are not what they were; of operations, all but the bytes that never change. */
function changes(before: StoredPhone, after: StoredPhone): Json {
  const then: Json = { ...before };
  const changed = Object.entries(after).filter(([name, value]) => !isDeepStrictEqual(value, then[name]));
  return Object.fromEntries(changed.map(([name, value]) => [name, name === "ops" ? after.ops.map(named) : value]));
}

function named({ item, ...op }: StoredPhone["ops"][number]): Json {
  return { ...op, sent_as: item["op"] };
}

function run(story: Story): Json {
  let state = stateFromJson(story.start);
  let before = stateAsJson(state);
  const steps = story.events.map((event) => {
    let effects: readonly Effect[];
    try {
      [state, effects] = step(state, camel(event));
    } catch {
      return { refused: true };
    }
    const after = stateAsJson(state);
    const taken = { changes: changes(before, after), effects: effects.map(plain) };
    before = after;
    return taken;
  });
  return { steps, facts: facts(state, story.now) };
}

function facts(state: PhoneState, now: number): Json {
  const ops = state.ops.map((op) => op.op);
  const names = sortedTexts(new Set([...ops, ...state.ops.flatMap((op) => op.record ?? [])]));
  return {
    life: Object.fromEntries([...ops, ...state.stubs.keys()].map((op) => [op, opLife(state, op)])),
    safe_to_delete: names.filter((name) => safeToDelete(state, name, now)),
    may_release: sortedTexts(state.held.keys()).filter((rev) => mayRelease(state, rev)),
    busy: sortedTexts(busy(state)).map(partsOf),
    sendable: sendable(state).map((op) => op.op),
    wishes: wishes(state).map(plain),
    sums: digest(rows(state.view)),
    export: exportOutbox(state),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line) as Story | { readonly rests: readonly (readonly [number, number, number])[] };
  const answer = "rests" in asked ? asked.rests.map((each) => backOff(...each)) : run(asked);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
