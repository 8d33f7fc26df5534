/**
 * The form engine behind one wall: what the rest of the phone knows of the engine is in this file and `nodes.ts`.
 *
 * The engine is ODK's (@getodk/xforms-engine, pinned). Its defects that this wall works round, with their numbers
 * in docs/phone.md: files of a draft are kept by us and never asked back from it (1), a restored file is cleared by
 * restoring without it (2), restored choices are chosen again so that one no longer offered is found missing (3),
 * files are given the names under which we keep them, never two alike (4), characters that XML can't hold are left out (5),
 * and a draft is opened with the version of the form that it names (6). What is mended in it stands in `vite.building.ts`.
 */
import { loadForm, type FormLanguage, type InstanceData, type LoadFormSuccessResult, type RootNode } from '@getodk/xforms-engine';
import { reactive } from 'vue';
import { leaves, type Node } from './nodes';

export type { Node } from './nodes';

export interface Lists {
	/** The text of a CSV file by its name, such as tasks.csv. */
	readonly [name: string]: string;
}

export interface Identity {
	readonly deviceID: string;
	readonly username: string;
}

/** What opening a form takes. */
export interface Opening {
	/** The definition as XForm. */
	readonly definition: string;
	readonly lists: Lists;
	readonly identity: Identity;
	/** The draft; null for a record that nobody has filled in yet. */
	readonly xml: string | null;
	/** The task that the record is about. */
	readonly task: string;
}

export class FormBroken extends Error {}

const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const MOST_PARSED = 3;

/**
 * Leaves out what XML can't hold: an emoji cut in two, a control character from a clipboard. Letters are composed as the
 * engine composes them when a draft is opened again, or what was signed would read otherwise then.
 */
export function sound(text: string): string {
	return text.replace(NOT_XML, '').normalize();
}

type Parsed = LoadFormSuccessResult;

/** Definitions that were parsed already, by their text and lists; the last few, because a parsed form is large. */
const parsed = new Map<string, Promise<Parsed>>();

/** Parses a definition with its lists, or gives what was parsed before. Raises FormBroken. */
export async function parseForm(xform: string, lists: Lists): Promise<Parsed> {
	const key = JSON.stringify([xform, lists]);
	const known = parsed.get(key) ?? parse(xform, lists);
	parsed.delete(key);
	parsed.set(key, known);
	for (const old of [...parsed.keys()].slice(0, -MOST_PARSED)) parsed.delete(old);
	try {
		return await known;
	} catch (error) {
		parsed.delete(key);
		throw error;
	}
}

async function parse(xform: string, lists: Lists): Promise<Parsed> {
	const form = await loadForm(xform, {
		fetchFormAttachment: async (url: URL) => {
			const name = decodeURIComponent(url.href.split('/').at(-1) ?? '');
			const csv = lists[name];
			const headers = { 'content-type': 'text/csv' };
			return new Response(csv ?? '', { status: csv === undefined ? 404 : 200, headers });
		},
		missingResourceBehavior: 'BLANK',
	});
	if (form.status === 'failure') throw new FormBroken(form.error.message);
	return form as Parsed;
}

/**
 * Opens a form, with a draft or for a new record of a task. A draft's files are not given to the engine: their names in
 * the XML are enough, and the bytes stay where they are. Raises FormBroken when the definition or the draft can't be used.
 */
export async function openForm({ definition, lists, identity, xml, task }: Opening): Promise<RootNode> {
	const form = await parseForm(definition, lists);
	const configuration = {
		stateFactory: reactive as never,
		preloadProperties: identity,
	};
	try {
		if (xml === null) return chooseTask(form.createInstance(configuration).root, task);
		const data = new FormData();
		data.set('xml_submission_file', new File([xml], 'xml_submission_file', { type: 'text/xml' }));
		const { root } = await form.restoreInstance({ data: [data as unknown as InstanceData] }, configuration);
		chooseAgain(root);
		return root;
	} catch (error) {
		throw new FormBroken(error instanceof Error ? error.message : String(error));
	}
}

/** Lets the engine look anew at each choice. What is not offered at the moment stays beneath, for when it is again. */
function chooseAgain(root: RootNode): void {
	for (const node of leaves(root)) {
		const { relevant, readonly, instanceValue } = node.currentState;
		if (node.nodeType !== 'select' || !relevant || readonly) continue;
		const given: string = node.getGivenValue();
		if (given === instanceValue) continue;
		node.selectValues([...node.currentState.value]);
		node.setValueState(node.selectType === 'select1' ? [given] : given.split(' '));
	}
}

/** Says which task a record is about, where the form asks for it. */
export function chooseTask(root: RootNode, task: string): RootNode {
	for (const node of leaves(root)) {
		if (node.nodeType === 'select' && node.currentState.reference.endsWith('/task_ref')) node.selectValue(task);
	}
	return root;
}

/** Lets a record begin at this moment, as its form would say if it were opened now. */
export function startNow(root: RootNode): void {
	for (const node of leaves(root)) {
		const { type, parameter } = node.definition.bind.preload ?? {};
		if (type === 'timestamp' && parameter === 'start') node.setValueState(node.evaluator.evaluateString('now()'));
	}
}

/** The instance as XML, as it would be sealed. */
export function instanceXml(root: RootNode): string {
	return root.instanceState.instanceXML;
}

/** The instance as a draft keeps it: with answers that do not apply at the moment, and come back with what they hang on (7). */
export function draftXml(root: RootNode): string {
	const engine = root as Node;
	engine.keepsHidden = true;
	try {
		return instanceXml(root);
	} finally {
		engine.keepsHidden = false;
	}
}

/** The instance as it is sealed, and the names of the files it refers to. */
export async function sealedInstance(root: RootNode): Promise<{ xml: string; files: Set<string> }> {
	const payload = await root.prepareInstancePayload();
	const xml = await (payload.data[0].get('xml_submission_file') as File).text();
	return { xml, files: fileNames(root) };
}

/** The names of the files that a form's answers are. */
export function fileNames(root: RootNode): Set<string> {
	const uploads = leaves(root).filter((leaf) => leaf.nodeType === 'upload' && leaf.currentState.relevant);
	return new Set(uploads.map((leaf) => leaf.currentState.instanceValue as string).filter(Boolean));
}

/** Chooses the form's language that begins with a code, such as zh or en. */
export function speak(root: RootNode, code: string): void {
	const language = root.languages.find((each) => (each as FormLanguage).locale?.language === code);
	const named = root.languages.find((each) => ((each as FormLanguage).language ?? '').includes(`(${code})`));
	const found = (named ?? language) as FormLanguage | undefined;
	if (found !== undefined) root.setLanguage(found);
}
