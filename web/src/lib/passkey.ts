/** WebAuthn with the JSON that servers speak: base64url out of and into bytes. */

type Json = Record<string, unknown>;

/** Browsers tie a passkey to a name; at an address of numbers there is none, whatever the certificate. */
export const isNumberAddress = (host: string): boolean => /^(\d{1,3}(\.\d{1,3}){3}|\[.*\])$/.test(host);
const able = (): boolean => typeof window !== 'undefined' && 'PublicKeyCredential' in window && window.isSecureContext;

export const canPasskey = (): boolean => able() && !isNumberAddress(location.hostname);
/** The device could, the address forbids it. */
export const passkeyNeedsName = (): boolean => able() && isNumberAddress(location.hostname);

export function toBytes(text: string): ArrayBuffer {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0)).buffer;
}

export function toText(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

const named = (list: unknown) => ((list as Json[] | undefined) ?? []).map((one) => ({ ...one, id: toBytes(String(one.id)) }));

/** Make a passkey on this device. Raises what the browser raises: NotAllowedError when the person turns it down. */
export async function createPasskey(options: Json): Promise<Json> {
  const asked = (options.publicKey ?? options) as Json;
  const user = asked.user as Json;
  const made = (await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: toBytes(String(asked.challenge)),
      user: { ...user, id: toBytes(String(user.id)) },
      excludeCredentials: named(asked.excludeCredentials),
    } as unknown as PublicKeyCredentialCreationOptions,
  })) as PublicKeyCredential;
  const answer = made.response as AuthenticatorAttestationResponse;
  return shell(made, {
    clientDataJSON: toText(answer.clientDataJSON),
    attestationObject: toText(answer.attestationObject),
    transports: answer.getTransports?.() ?? [],
  });
}

/** Prove with a passkey of this device. */
export async function usePasskey(options: Json): Promise<Json> {
  const asked = (options.publicKey ?? options) as Json;
  const got = (await navigator.credentials.get({
    publicKey: {
      ...asked,
      challenge: toBytes(String(asked.challenge)),
      allowCredentials: named(asked.allowCredentials),
    } as unknown as PublicKeyCredentialRequestOptions,
  })) as PublicKeyCredential;
  const answer = got.response as AuthenticatorAssertionResponse;
  return shell(got, {
    clientDataJSON: toText(answer.clientDataJSON),
    authenticatorData: toText(answer.authenticatorData),
    signature: toText(answer.signature),
    userHandle: answer.userHandle ? toText(answer.userHandle) : null,
  });
}

function shell(credential: PublicKeyCredential, response: Json): Json {
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}
