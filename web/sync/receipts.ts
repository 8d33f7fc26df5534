/** What can be read in a receipt; its signature was checked when it came. */

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/;
const TOKEN = /^[A-Za-z0-9_-]+$/;

/** When a receipt was signed, in milliseconds of Unix time. */
export function receiptMoment(token: string | null): number | null {
  const payload = (token ?? "").split(".")[0] ?? "";
  if (!TOKEN.test(payload)) return null;
  try {
    const binary = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (each) => each.charCodeAt(0));
    const body: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof body !== "object" || body === null || !("at" in body)) return null;
    return typeof body.at === "string" && MOMENT.test(body.at) ? milliseconds(body.at) : null;
  } catch {
    return null;
  }
}

/** A moment as milliseconds of Unix time. */
export function milliseconds(moment: string): number {
  const time = Date.parse(moment);
  if (Number.isNaN(time)) throw new Error(`no moment: ${moment}`);
  return Math.floor(time);
}
