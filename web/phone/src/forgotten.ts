/** A forgotten PIN: the person signs in, and the organisation opens the data key. Nothing on the phone is lost. */
import { passing } from './home/session';
import { base64, deviceId } from './keeping/device';
import { sealedKey, takeBack } from './keeping/vault';
import { Door } from './wire/door';

/** The organisation's private key is not at the server: whoever has it opens what is shown here. */
export class KeptElsewhere extends Error {}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
	return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Signs in once more and takes the data key back. Raises KeptElsewhere, or what the server refuses. */
export async function recover(username: string, password: string): Promise<void> {
	const sealed = await sealedKey();
	if (sealed === null) throw new KeptElsewhere();
	const door = new Door(passing());
	const device = { id: await deviceId(), name: 'PIN', sealed_key: base64(sealed.bytes) };
	const { data_key: key } = await door.signIn(username, password, device);
	if (!key) throw new KeptElsewhere();
	await takeBack(fromBase64(key));
}

/** What is given to whoever holds the private key; one line, to be copied. */
export async function request(person: string): Promise<string> {
	const sealed = await sealedKey();
	return sealed ? `${person} ${await deviceId()} ${base64(sealed.bytes)}` : '';
}
