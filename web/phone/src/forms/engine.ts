/**
 * The form engine behind one wall: what the rest of the phone knows of a form is in this file.
 *
 * The engine is ODK's (@getodk/xforms-engine, pinned). Its defects that this wall works round, with their numbers
 * in docs/forms.md: files of a draft are kept by us and never asked back from it (1), a restored file is cleared by
 * restoring without it (2), restored choices are chosen again so that one no longer offered is found missing (3),
 * files are given the names under which we keep them, never two alike (4), characters that XML can't hold are left out (5).
 */
import { loadForm, type FormLanguage, type InstanceData, type RootNode } from '@getodk/xforms-engine';
import { reactive } from 'vue';

/** The engine's own types hide most of a node; what a widget needs of one, whatever its kind. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Node = any;

export interface Lists {
	/** The text of a CSV file by its name, such as tasks.csv. */
	readonly [name: string]: string;
}

/** A draft as it is kept: the instance's XML; its files are kept beside it, by name. */
export interface Kept {
	readonly xml: string;
	readonly files: ReadonlyMap<string, File>;
}

export interface Gap {
	readonly nodeId: string;
	readonly reference: string;
	readonly message: string;
	readonly label: string;
}

export class FormBroken extends Error {}

const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Leaves out what XML can't hold: an emoji cut in two, a control character from a clipboard. */
export function sound(text: string): string {
	return text.replace(NOT_XML, '');
}

/** Opens a form, empty or with a draft. Raises FormBroken when the definition or the draft can't be used. */
export async function openForm(
	xform: string,
	lists: Lists,
	identity: { deviceID: string; username: string },
	kept: Kept | null,
): Promise<RootNode> {
	const form = await loadForm(xform, {
		fetchFormAttachment: async (url: URL) => {
			const name = decodeURIComponent(url.href.split('/').at(-1) ?? '');
			const csv = lists[name];
			const headers = { 'content-type': 'text/csv' };
			return new Response(csv ?? '', { status: csv === undefined ? 404 : 200, headers });
		},
		missingResourceBehavior: 'BLANK',
	});
	if (form.status === 'failure') {
		throw new FormBroken(form.error.message);
	}
	const configuration = {
		stateFactory: reactive as never,
		preloadProperties: identity,
	};
	if (kept === null) {
		return form.createInstance(configuration).root;
	}
	const data = new FormData();
	data.set('xml_submission_file', new File([kept.xml], 'xml_submission_file', { type: 'text/xml' }));
	for (const [name, file] of kept.files) {
		data.set(name, file);
	}
	const { root } = await form.restoreInstance({ data: [data as unknown as InstanceData] }, configuration);
	chooseAgain(root);
	return root;
}

function chooseAgain(root: RootNode): void {
	for (const node of leaves(root)) {
		if (node.nodeType === 'select' && !node.currentState.readonly) {
			node.selectValues([...node.currentState.value]);
		}
	}
}

/** All answers below a node, in the order of the form. */
export function leaves(node: Node): Node[] {
	const children = node.currentState.children;
	return children === null ? [node] : children.flatMap(leaves);
}

/** What still has to be answered or mended below a node, in the order of the form. */
export function gaps(node: Node): Gap[] {
	const found: Gap[] = [];
	for (const leaf of leaves(node)) {
		const violation = leaf.validationState?.violation;
		if (leaf.currentState.relevant && violation) {
			found.push({
				nodeId: leaf.nodeId,
				reference: leaf.currentState.reference,
				message: violation.message.asString,
				label: leaf.currentState.label?.asString ?? leaf.currentState.reference,
			});
		}
	}
	return found;
}

/** Says which task a new record is about, where the form asks for it. */
export function chooseTask(root: RootNode, task: string): void {
	for (const node of leaves(root)) {
		if (node.nodeType === 'select' && node.currentState.reference.endsWith('/task_ref')) {
			node.selectValue(task);
		}
	}
}

/** The instance as XML. */
export function instanceXml(root: RootNode): string {
	return root.instanceState.instanceXML;
}

/** The names of the files that the instance refers to. */
export function fileNames(root: RootNode): Set<string> {
	const names = leaves(root)
		.filter((leaf) => leaf.nodeType === 'upload')
		.map((leaf) => leaf.currentState.instanceValue as string);
	return new Set(names.filter(Boolean));
}

/** Blanks the answer of one node in an instance: how a restored file is cleared (defect 2). */
export function withoutAnswer(xml: string, name: string): string {
	const instance = new DOMParser().parseFromString(xml, 'text/xml');
	for (const element of Array.from(instance.getElementsByTagName('*'))) {
		if (element.children.length === 0 && element.textContent === name) {
			element.textContent = '';
		}
	}
	return new XMLSerializer().serializeToString(instance);
}

/** Chooses the form's language that begins with a code, such as zh or en. */
export function speak(root: RootNode, code: string): void {
	const language = root.languages.find((each) => (each as FormLanguage).locale?.language === code);
	const named = root.languages.find((each) => ((each as FormLanguage).language ?? '').includes(`(${code})`));
	const found = (named ?? language) as FormLanguage | undefined;
	if (found !== undefined) {
		root.setLanguage(found);
	}
}
