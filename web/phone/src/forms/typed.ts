/** From what a person typed to an answer of the form. */
import { sound, type Node } from './engine';
import { isNumber, plainCode, plainNumber } from './numbers';

const CODE = /regex\(\s*\.\s*,\s*['"]\^\[(?:0-9|A-Z)/;

/** What the server leaves out around an answer: `trim` keeps NEL. */
const BLANKS_AROUND = /^[\s\u0085]+|[\s\u0085]+$/g;

export function isNumeric(node: Node): boolean {
	return ['int', 'decimal'].includes(node.valueType);
}

export function isWhole(node: Node): boolean {
	return node.valueType === 'int';
}

/** Whether a text is made of plain letters and digits: phone numbers, codes, what a rule of the form says so of. */
export function isCode(node: Node): boolean {
	return Boolean(node.appearances?.numbers) || CODE.test(node.definition.bind.constraint?.expression ?? '');
}

/** A text as it should read once its field is left: no blanks around it, and plain digits where digits are meant. */
export function tidied(node: Node, typed: string): string {
	const text = sound(typed);
	if (isNumeric(node)) return plainNumber(text);
	// Blanks alone are no answer: the engine takes them for one (defect 14), and the server does not.
	return isCode(node) ? plainCode(text) : text.replace(BLANKS_AROUND, '');
}

/** Puts what was typed into the form; says whether it could: `12..5` is no number and stays in its field. */
export function answer(node: Node, text: string): boolean {
	const value = tidied(node, text);
	if (!isNumeric(node)) {
		node.setValue(value);
		return true;
	}
	if (value !== '' && !isNumber(value, isWhole(node))) return false;
	node.setValue(value === '' ? null : value);
	return true;
}
