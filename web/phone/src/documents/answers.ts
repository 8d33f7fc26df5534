/** Answers as people write them in a document, in Chinese. */
import { worded, type Node } from '../forms/nodes';

/** Writes an answer in one line; empty where there is none. */
export function written(node: Node): string {
	const state = node.currentState;
	switch (node.nodeType) {
		case 'note':
			return flat(worded(state.noteText));
		case 'select':
			return chosen(node);
		case 'trigger':
			return state.value ? '是' : '';
		default:
			return typed(String(state.instanceValue ?? '').trim(), node.valueType);
	}
}

function chosen(node: Node): string {
	const options = node.currentState.valueOptions as Node[];
	return (node.currentState.value as string[])
		.map((value) => options.find((each) => each.value === value)?.label.asString ?? value)
		.map(flat)
		.join('、');
}

function typed(text: string, type: string): string {
	if (text === '') return '';
	if (type === 'geopoint') return place(text);
	if (type === 'geotrace' || type === 'geoshape') return `${text.split(';').filter((each) => each.trim()).length}个点`;
	if (type === 'date') return day(text);
	if (type === 'dateTime') return `${day(text)} ${text.slice(11, 16)}`;
	if (type === 'time') return text.slice(0, 5);
	return flat(text);
}

function day(text: string): string {
	const [year, month, date] = text.slice(0, 10).split('-');
	return `${year}年${Number(month)}月${Number(date)}日`;
}

/** A position as the receiver gave it, WGS 84, with the radius it believed in. */
function place(text: string): string {
	const [latitude = 0, longitude = 0, , accuracy = 0] = text.split(/\s+/).map(Number);
	const around = accuracy > 0 ? `，精度±${accuracy.toFixed(1)}米` : '';
	return `${latitude >= 0 ? '北纬' : '南纬'}${Math.abs(latitude).toFixed(6)}° ${longitude >= 0 ? '东经' : '西经'}${Math.abs(longitude).toFixed(6)}°${around}（WGS 84）`;
}

/** Puts a text into one line. */
export function flat(text: string): string {
	return text.replace(/\s+/g, ' ').trim();
}
