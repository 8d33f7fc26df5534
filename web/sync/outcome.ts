/** What became of one pushed operation, in the words of the wire. */

export interface Finding {
  readonly path: string;
  readonly kind: string;
  readonly message: string;
}

export interface Outcome {
  readonly op: string;
  readonly outcome: string;
  readonly content: string;
  readonly rev: string | null;
  readonly reason: string | null;
  readonly flags: readonly string[];
  readonly findings: readonly Finding[];
  readonly media_missing: readonly string[];
  readonly record_state: string | null;
  readonly heads: readonly string[];
  readonly seq: number | null;
  readonly hash: string | null;
  readonly receipt: string | null;
  readonly replayed: boolean;
}

/** An answer as it comes: what has nothing to say may be left out. */
export type Answer = Pick<Outcome, "op" | "outcome"> & Partial<Outcome>;

/** Outcomes after which the bytes are the server's to keep. */
export const SAFE: ReadonlySet<string> = new Set(["accepted", "accepted_late", "quarantined"]);

export function readOutcome(answer: Answer): Outcome {
  return {
    op: answer.op,
    outcome: answer.outcome,
    content: answer.content ?? "",
    rev: answer.rev ?? null,
    reason: answer.reason ?? null,
    flags: [...(answer.flags ?? [])],
    findings: (answer.findings ?? []).map(({ path, kind, message }) => ({ path, kind, message })),
    media_missing: [...(answer.media_missing ?? [])],
    record_state: answer.record_state ?? null,
    heads: [...(answer.heads ?? [])],
    seq: answer.seq ?? null,
    hash: answer.hash ?? null,
    receipt: answer.receipt ?? null,
    replayed: answer.replayed ?? false,
  };
}
