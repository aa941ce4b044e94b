// A second opinion on proofs of possession: another implementation looks at the same proofs.
// Reads a JSON array of proofs from its input, and prints an array of {verified, why?, header?, claims?, thumbprint?} in the same order.
import { EmbeddedJWK, calculateJwkThumbprint, jwtVerify } from 'jose';

async function look(proof) {
  try {
    // The times of the proofs are invented: they are compared by the caller.
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ['ES256'], requiredClaims: ['jti', 'htm', 'htu', 'iat'] });
    return { verified: true, header: protectedHeader, claims: payload, thumbprint: await calculateJwkThumbprint(protectedHeader.jwk) };
  } catch (error) {
    return { verified: false, why: error.message };
  }
}

let input = '';
for await (const chunk of process.stdin) {
  input += chunk;
}

console.log(JSON.stringify(await Promise.all(JSON.parse(input).map(look))));
