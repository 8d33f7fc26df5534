/** Arithmetic of sets, for browsers whose sets have none. */

export function union<T>(set: ReadonlySet<T>, more: Iterable<T>): ReadonlySet<T> {
  return new Set([...set, ...more]);
}

export function without<T>(set: ReadonlySet<T>, less: Iterable<T>): ReadonlySet<T> {
  const rest = new Set(set);
  for (const each of less) rest.delete(each);
  return rest;
}
