/** A record's XML read and changed without the engine: paths as the wire writes them, `/data/markers[2]/photo`. */

/** A path without the `[1]` that some writers leave out. */
export function plainPath(path: string): string {
	return path.replaceAll('[1]', '');
}

function parsed(xml: string): Document {
	return new DOMParser().parseFromString(xml, 'text/xml');
}

function pathOf(element: Element): string {
	const parent = element.parentElement;
	if (parent === null) return `/${element.localName}`;
	const alike = Array.from(parent.children).filter((each) => each.localName === element.localName);
	const place = alike.indexOf(element);
	return `${pathOf(parent)}/${element.localName}${place > 0 ? `[${place + 1}]` : ''}`;
}

function leafElements(instance: Document): Element[] {
	return Array.from(instance.getElementsByTagName('*')).filter((each) => each.children.length === 0);
}

/** All answers of an instance by their plain paths; blank ones too, because they were asked. */
export function answersOf(xml: string): Map<string, string> {
	return new Map(leafElements(parsed(xml)).map((each) => [pathOf(each), each.textContent ?? '']));
}

/** Blanks every answer that is `value`, or stands at one of `paths`: how a restored file is cleared (defect 2). */
export function withoutAnswers(xml: string, which: { value?: string; paths?: readonly string[] }): string {
	const instance = parsed(xml);
	const paths = new Set(which.paths?.map(plainPath));
	for (const element of leafElements(instance)) {
		if (element.textContent === which.value || paths.has(pathOf(element))) element.textContent = '';
	}
	return new XMLSerializer().serializeToString(instance);
}

/** Puts a row of a repeat that stands in an earlier instance back into one from which it went; all else stays as it is. */
export function withRow(xml: string, earlier: string, path: string): string {
	const instance = parsed(xml);
	const at = (here: Document, wanted: string) =>
		Array.from(here.getElementsByTagName('*')).find((each) => pathOf(each) === plainPath(wanted));
	const row = at(parsed(earlier), path);
	const parent = at(instance, parentOf(path));
	if (row === undefined || parent === undefined) return xml;
	const alike = Array.from(parent.children).filter((each) => each.localName === row.localName);
	const place = Number(/\[(\d+)\]$/.exec(path)![1]) - 1;
	parent.insertBefore(instance.importNode(row, true), alike[place] ?? alike.at(-1)?.nextSibling ?? null);
	return new XMLSerializer().serializeToString(instance);
}

/** What answers of earlier versions are called in a definition (`bind::alias`): old paths to new ones, both without places. */
export function aliasesOf(xform: string): ReadonlyMap<string, string> {
	const found = new Map<string, string>();
	for (const bind of Array.from(parsed(xform).getElementsByTagName('*'))) {
		const nodeset = bind.localName === 'bind' ? bind.getAttribute('nodeset') : null;
		for (const alias of (nodeset && bind.getAttribute('alias')?.split(/\s+/).filter(Boolean)) || []) {
			found.set(alias.startsWith('/') ? alias : `${parentOf(nodeset!)}/${alias}`, nodeset!);
		}
	}
	return found;
}

/** Where an answer stands in a definition with these aliases; within a row it stays in that row. */
export function movedPath(path: string, aliases: ReadonlyMap<string, string>): string {
	const plain = path.replace(/\[\d+\]/g, '');
	const moved = aliases.get(plain);
	if (moved === undefined) return path;
	return parentOf(moved) === parentOf(plain) ? `${parentOf(path)}${moved.slice(parentOf(moved).length)}` : moved;
}

function parentOf(path: string): string {
	return path.slice(0, path.lastIndexOf('/'));
}

/**
 * Writes an instance for another version of its form: it names that version, and answers whose question has another
 * name there (`bind::alias`) move along. What has no place is still in it; the engine leaves it out when it restores.
 */
export function forVersion(xml: string, version: string, xform: string): string {
	const instance = parsed(xml);
	instance.documentElement.setAttribute('version', version);
	for (const [old, moved] of aliasesOf(xform)) rename(instance, old, moved);
	return new XMLSerializer().serializeToString(instance);
}

function rename(instance: Document, old: string, moved: string): void {
	const name = moved.slice(moved.lastIndexOf('/') + 1);
	const found = Array.from(instance.getElementsByTagName(old.slice(old.lastIndexOf('/') + 1))).filter(
		(each) => pathOf(each).replace(/\[\d+\]/g, '') === old,
	);
	for (const element of found) {
		const isNear = parentOf(old) === parentOf(moved);
		const parent = isNear ? element.parentElement! : homeOf(instance, parentOf(moved).split('/').filter(Boolean));
		const there = Array.from(parent.children).filter((each) => each.localName === name);
		if (there.some((each) => each.textContent)) continue;
		there.forEach((each) => each.remove());
		const renamed = instance.createElementNS(element.namespaceURI, name);
		renamed.append(...Array.from(element.childNodes));
		element.remove();
		parent.append(renamed);
	}
}

/** The element that a path leads to, made where the instance lacks it. */
function homeOf(instance: Document, steps: readonly string[]): Element {
	let here: Element = instance.documentElement;
	for (const step of steps.slice(1)) {
		const next = Array.from(here.children).find((each) => each.localName === step);
		here = next ?? here.appendChild(instance.createElementNS(here.namespaceURI, step));
	}
	return here;
}

/** The version of a form that a definition is of: what its own empty instance says. */
export function versionOf(xform: string): { form: string; version: string } | null {
	const root = /<(?:\w+:)?instance>\s*<[^>]*>/.exec(xform)?.[0] ?? '';
	const form = /\sid="([^"]*)"/.exec(root)?.[1];
	const version = /\sversion="([^"]*)"/.exec(root)?.[1];
	return form && version ? { form, version } : null;
}
