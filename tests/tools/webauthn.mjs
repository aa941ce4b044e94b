// A second opinion on passkeys: another implementation of WebAuthn looks at the same responses.
// Reads a JSON array from its input: {type: "registration" | "authentication", response, challenge, origin, rpId, credential?: {id, publicKey, counter}}
// Prints an array of {verified, why?, credential?} in the same order. Without user verification nothing is verified, as with us.
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';

const text = bytes => Buffer.from(bytes).toString('base64url');

async function look({ type, response, challenge, origin, rpId, credential }) {
  const expected = { response, expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: rpId, requireUserVerification: true };
  try {
    if (type === 'registration') {
      const { verified, registrationInfo } = await verifyRegistrationResponse(expected);
      const made = registrationInfo?.credential;
      return { verified, credential: made && { id: made.id, publicKey: text(made.publicKey), counter: made.counter }, aaguid: registrationInfo?.aaguid };
    }

    const { verified } = await verifyAuthenticationResponse({ ...expected, credential: { ...credential, publicKey: new Uint8Array(Buffer.from(credential.publicKey, 'base64url')) } });
    return { verified };
  } catch (error) {
    return { verified: false, why: error.message };
  }
}

let input = '';
for await (const chunk of process.stdin) {
  input += chunk;
}

const answers = [];
for (const item of JSON.parse(input)) {
  answers.push(await look(item));
}

console.log(JSON.stringify(answers));
