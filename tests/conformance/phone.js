// A phone without a face: forms loaded, instances restored and looked at through the engine's public interface.

import { loadForm } from '@getodk/xforms-engine';

/** Loads a bundled form; `lists` maps file names to the text of CSV files. */
export async function load({ xform, lists }) {
	const form = await loadForm(xform, {
		fetchFormAttachment: (url) => {
			const csv = lists[url.href.split('/').at(-1)];
			const headers = { 'content-type': 'text/csv' };
			return new Response(csv ?? '', { status: csv === undefined ? 404 : 200, headers });
		},
		missingResourceBehavior: 'ERROR',
	});
	if (form.status === 'failure') {
		throw form.error;
	}
	return form;
}

/** The files of a draft as the engine saves and restores them. */
export function draft(xml, files = {}) {
	const data = new FormData();
	data.set('xml_submission_file', new File([xml], 'xml_submission_file', { type: 'text/xml' }));
	for (const [name, content] of Object.entries(files)) {
		data.set(name, new File([content], name, { type: 'image/jpeg' }));
	}
	return { data: [data] };
}

/** Restores an instance and returns its root. */
export async function restore(form, xml, files) {
	const { root } = await form.restoreInstance(draft(xml, files), {});
	return root;
}

/** All leaves below a node in document order. */
export function leaves(node) {
	const children = node.currentState.children;
	return children === null ? [node] : children.flatMap(leaves);
}

export function leaf(root, path) {
	const found = leaves(root).find((each) => each.currentState.reference === path);
	if (found === undefined) {
		throw new Error(`${path} is not there`);
	}
	return found;
}

/** Works around the engine's defect 3: a restored choice that is no longer offered is not found missing. */
export function chooseAgain(root) {
	for (const node of leaves(root)) {
		if (node.nodeType === 'select' && !node.currentState.readonly) {
			node.selectValues([...node.currentState.value]);
		}
	}
}

/** Blanks that pyxform puts around values in a message are left out. */
const tidy = (text) => (text ?? '').replace(/\s+/g, ' ').trim();

const messages = (root) =>
	root.validationState.violations.map(({ violation }) => tidy(violation.message?.asString));

/** What is violated, by path, with the message in both languages. The root is left in English. */
export function violations(root) {
	if (root.validationState.violations.length === 0) {
		return [];
	}
	const chinese = messages(root);
	root.setLanguage(root.languages.find(({ language }) => language.endsWith('(en)')));
	const english = messages(root);
	return root.validationState.violations
		.map(({ reference, violation }, index) => ({
			path: reference,
			kind: violation.condition,
			message: chinese[index],
			message_en: english[index],
		}))
		.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The values of all leaves by path; what is not relevant is blank. */
export function values(root) {
	const found = leaves(root).map((node) => [node.currentState.reference, node.currentState.instanceValue]);
	return Object.fromEntries(found);
}
