// Proofs of possession by other implementations, good and bad, each with its request and what a verifier has to say of it. Made anew by
//   node tests/tools/dpop-vectors.mjs > tests/vectors/dpop.json
// The good ones and their like are of the package dpop; what that refuses to write is of jose, and what jose refuses too is put together by hand.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { generateKeyPair as generateProofKeys, generateProof } from 'dpop';
import { CompactSign, calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';

const text = bytes => Buffer.from(bytes).toString('base64url');
const hash = value => createHash('sha256').update(value).digest('base64url');

const address = 'https://login.example/api/v1/phone/decide';
const base = { method: 'POST', address };
const body = '{"decision":"approve","amount":"1,000.00 \u20ac"}';
const token = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU';
const nonceKey = randomBytes(32);

// The layout that DPoPNonce describes.
function nonceAt(milliseconds, key = nonceKey) {
  const made = Buffer.concat([Buffer.alloc(8), randomBytes(16)]);
  made.writeBigInt64BE(BigInt(milliseconds));
  return text(Buffer.concat([made, createHmac('sha256', key).update('countersign-dpop-nonce/1').update(made).digest()]));
}

const cases = [];
const keys = await generateProofKeys('ES256', { extractable: true });
const others = await generateProofKeys('ES256', { extractable: true });
const jwk = await exportJWK(keys.publicKey);
const jkt = await calculateJwkThumbprint(jwk);
const claimsOf = proof => JSON.parse(Buffer.from(proof.split('.')[1], 'base64url').toString());

// The clock stands at the proof's own time, unless a case says otherwise.
function add(name, proof, expect, request = {}) {
  const { later = 0, ...rest } = request;
  let now;
  try {
    now = claimsOf(proof).iat;
  } catch {
    // A proof that cannot be read has no time.
  }

  cases.push({ name, proof, ...base, ...rest, now: (Number.isSafeInteger(now) ? now : seconds) + later, expect, ...(expect === 'accepted' && { jkt }) });
}

const seconds = Math.floor(Date.now() / 1000);
const good = { jti: text(randomBytes(16)), htm: 'POST', htu: address, iat: seconds };
const header = { typ: 'dpop+jwt', alg: 'ES256', jwk };
const signed = (claims, head = header, key = keys.privateKey) => {
  const payload = typeof claims === 'string' ? claims : JSON.stringify(claims);
  return new CompactSign(new TextEncoder().encode(payload)).setProtectedHeader(head).sign(key);
};

// For headers that no library writes: the text of the header as it is.
async function signedBy(privateKey, headerText, payloadText = JSON.stringify(good)) {
  const input = `${text(headerText)}.${text(payloadText)}`;
  return `${input}.${text(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, new TextEncoder().encode(input)))}`;
}

// By the package dpop.
add('plain', await generateProof(keys, address, 'POST'), 'accepted');
add('nonce', await generateProof(keys, address, 'POST', nonceAt(Date.now())), 'accepted', { nonce_key_hex: nonceKey.toString('hex') });
add('access token', await generateProof(keys, address, 'POST', undefined, token), 'accepted', { access_token: token });
add('body hash', await generateProof(keys, address, 'POST', undefined, undefined, { bh: hash(body) }), 'accepted', { body });
add('hash of an empty body', await generateProof(keys, address, 'POST', undefined, undefined, { bh: hash('') }), 'accepted', { body: '' });
add(
  'all at once, and claims of our own',
  await generateProof(keys, address, 'POST', nonceAt(Date.now()), token, { bh: hash(body), act: 'a1', n: 7, lk: text(randomBytes(32)) }),
  'accepted',
  { access_token: token, body, nonce_key_hex: nonceKey.toString('hex') });
add('with a nonce the clock is not judged', await generateProof(keys, address, 'POST', nonceAt((seconds + 86_400) * 1000)), 'accepted',
  { later: 86_400, nonce_key_hex: nonceKey.toString('hex') });
add('RS256', await generateProof(await generateProofKeys('RS256'), address, 'POST'), 'WrongAlgorithm');
add('Ed25519', await generateProof(await generateProofKeys('Ed25519'), address, 'POST'), 'WrongAlgorithm');
add('another method', await generateProof(keys, address, 'GET'), 'WrongMethod');
add('a method in other letters', await generateProof(keys, address, 'post'), 'WrongMethod');
add('another path', await generateProof(keys, `${address}/x`, 'POST'), 'WrongAddress');
add('another host', await generateProof(keys, address.replace('login', 'l0gin'), 'POST'), 'WrongAddress');
add('another scheme', await generateProof(keys, address.replace('https', 'http'), 'POST'), 'WrongAddress');
add('another port', await generateProof(keys, address.replace('.example', '.example:8443'), 'POST'), 'WrongAddress');
add('the same address in other letters', await generateProof(keys, 'HTTPS://LOGIN.Example:443/api/v1/./phone/%64ecide?a=b#c', 'POST'), 'accepted');
add('a nonce where none was sent', await generateProof(keys, address, 'POST', 'of-another-server'), 'accepted');
add('no nonce', await generateProof(keys, address, 'POST'), 'NonceMissing', { nonce_key_hex: nonceKey.toString('hex') });
add('a nonce of another key', await generateProof(keys, address, 'POST', nonceAt(Date.now(), randomBytes(32))), 'NonceUnknown',
  { nonce_key_hex: nonceKey.toString('hex') });
add('a nonce that is none', await generateProof(keys, address, 'POST', 'x'), 'NonceUnknown', { nonce_key_hex: nonceKey.toString('hex') });
add('an old nonce', await generateProof(keys, address, 'POST', nonceAt(Date.now())), 'NonceExpired',
  { later: 302, nonce_key_hex: nonceKey.toString('hex') });
add('another access token', await generateProof(keys, address, 'POST', undefined, 'other'), 'WrongAccessToken', { access_token: token });
add('no access token in the proof', await generateProof(keys, address, 'POST'), 'WrongAccessToken', { access_token: token });
add('no access token with the request', await generateProof(keys, address, 'POST', undefined, token), 'WrongAccessToken');
add('another body', await generateProof(keys, address, 'POST', undefined, undefined, { bh: hash(body) }), 'WrongBody', { body: `${body} ` });
add('no body hash', await generateProof(keys, address, 'POST'), 'WrongBody', { body });
add('an old proof', await generateProof(keys, address, 'POST'), 'TooOld', { later: 61 });
add('a proof of the future', await generateProof(keys, address, 'POST'), 'TooNew', { later: -31 });

// By jose.
add('the members in another order, and more of them', await signed(
  { iat: good.iat, ...good, more: { deep: [1, null, 'x'] } }, { alg: 'ES256', jwk: { y: jwk.y, x: jwk.x, kid: 'k', use: 'sig', alg: 'ES256', crv: 'P-256', kty: 'EC' }, typ: 'dpop+jwt' }),
  'accepted');
add('other keys are named, and not believed', await signed(
  good, { ...header, kid: 'other', jku: 'https://evil.example/jwks', x5u: 'https://evil.example/x5u', x5t: 'AAAA' }), 'accepted');
add('a time with a fraction', await signed({ ...good, iat: good.iat + 0.5 }), 'accepted');
add('signed by another key', await signed(good, header, others.privateKey), 'WrongSignature');
add('another type', await signed(good, { ...header, typ: 'JWT' }), 'WrongType');
add('no type', await signed(good, { alg: 'ES256', jwk }), 'WrongType');
add('no key', await signed(good, { typ: 'dpop+jwt', alg: 'ES256', kid: 'k' }), 'WrongKey');
for (const [alg, length] of [['ES384', 'P-384'], ['ES512', 'P-521'], ['PS256', 'RSA']]) {
  const pair = await generateKeyPair(alg, { extractable: true });
  const own = await exportJWK(pair.publicKey);
  add(`${alg}`, await signed(good, { ...header, alg, jwk: own }, pair.privateKey), 'WrongAlgorithm');
  add(`a key of ${length} under ES256`, await signed(good, { ...header, jwk: own }), 'WrongKey');
}

add('HS256 with the public key as the secret', await signed(good, { ...header, alg: 'HS256' }, new TextEncoder().encode(JSON.stringify(jwk))), 'WrongAlgorithm');
add('a private key', await signed(good, { ...header, jwk: await exportJWK(keys.privateKey) }), 'PrivateKey');
add('a key for encryption', await signed(good, { ...header, jwk: { ...jwk, use: 'enc' } }), 'WrongKey');
add('a key of another algorithm', await signed(good, { ...header, jwk: { ...jwk, alg: 'ECDH-ES' } }), 'WrongKey');
for (const name of ['jti', 'htm', 'htu', 'iat']) {
  const { [name]: left, ...rest } = good;
  add(`no ${name}`, await signed(rest), { jti: 'WrongJti', htm: 'WrongMethod', htu: 'WrongAddress', iat: 'WrongTime' }[name]);
}

add('an empty jti', await signed({ ...good, jti: '' }), 'WrongJti');
add('a jti of another type', await signed({ ...good, jti: 7 }), 'WrongJti');
add('a long jti', await signed({ ...good, jti: 'j'.repeat(129) }), 'WrongJti');
add('a jti with a space', await signed({ ...good, jti: 'a b' }), 'WrongJti');
add('a time as text', await signed({ ...good, iat: `${good.iat}` }), 'WrongTime');
add('a time before time', await signed({ ...good, iat: -1 }), 'WrongTime');
add('an access token of no type', await signed({ ...good, ath: null }), 'WrongAccessToken');
add('an array', await signed('[1]'), 'Malformed');
add('no JSON', await signed('x'), 'Malformed');
add('a member twice', await signed(`{"htm":"GET",${JSON.stringify(good).slice(1)}`), 'Malformed');
add('a member twice, once escaped', await signed(`{"\\u0068tm":"GET",${JSON.stringify(good).slice(1)}`), 'Malformed');
add('a member twice, deep down', await signed(`{"a":{"b":[{"c":1,"c":1}]},${JSON.stringify(good).slice(1)}`), 'Malformed');
add('half a character', await signed(`{"a":"\\ud800",${JSON.stringify(good).slice(1)}`), 'Malformed');
add('too long', await signed({ ...good, more: 'x'.repeat(4096) }), 'Malformed');

// By hand.
const [first, second, third] = (await signed(good)).split('.');
const tampered = text(JSON.stringify({ ...good, htm: 'GET' }));
const head = rest => `{"typ":"dpop+jwt","alg":"ES256",${rest}"jwk":${JSON.stringify(jwk)}}`;
add('alg none', `${text(JSON.stringify({ ...header, alg: 'none' }))}.${second}.`, 'WrongAlgorithm');
add('alg none, with a signature', `${text(JSON.stringify({ ...header, alg: 'none' }))}.${second}.${third}`, 'WrongAlgorithm');
add('no signature', `${first}.${second}.`, 'WrongSignature');
add('half a signature', `${first}.${second}.${text(Buffer.from(third, 'base64url').subarray(0, 32))}`, 'WrongSignature');
add('a signature of zeros', `${first}.${second}.${text(Buffer.alloc(64))}`, 'WrongSignature');
add('a tampered payload', `${first}.${tampered}.${third}`, 'WrongSignature', { method: 'GET' });
add('a part too many', `${first}.${second}.${third}.${third}`, 'Malformed');
add('an empty part too many', `${first}.${second}.${third}.`, 'Malformed');
add('a part too few', `${first}.${second}`, 'Malformed');
add('the header is padded', `${first}=.${second}.${third}`, 'Malformed');
add('the signature is padded', `${first}.${second}.${third}==`, 'Malformed');
add('base64 of the other alphabet', `${first}.${second}.${'+/'}${third.slice(2)}`, 'Malformed');
add('a space in front', ` ${first}.${second}.${third}`, 'Malformed');
add('a line end behind', `${first}.${second}.${third}\n`, 'Malformed');
add('two headers in one', `${first}.${second}.${third}, ${first}.${second}.${third}`, 'Malformed');
add('crit', await signedBy(keys.privateKey, head('"crit":["b64"],"b64":true,')), 'CriticalHeader');
add('a member of the header twice', await signedBy(keys.privateKey, head('"alg":"ES256",')), 'Malformed');
add('a key that is no object', await signedBy(keys.privateKey, '{"typ":"dpop+jwt","alg":"ES256","jwk":"x"}'), 'WrongKey');
add('a key off the curve', await signedBy(keys.privateKey, JSON.stringify({ ...header, jwk: { ...jwk, y: jwk.x } })), 'WrongKey');
add('a point of zeros', await signedBy(keys.privateKey, JSON.stringify({ ...header, jwk: { ...jwk, x: text(Buffer.alloc(32)), y: text(Buffer.alloc(32)) } })), 'WrongKey');
add('a short coordinate', await signedBy(keys.privateKey, JSON.stringify({ ...header, jwk: { ...jwk, x: jwk.x.slice(0, 42) } })), 'WrongKey');
add('a padded coordinate', await signedBy(keys.privateKey, JSON.stringify({ ...header, jwk: { ...jwk, x: `${jwk.x}=` } })), 'WrongKey');
add('a comment', await signedBy(keys.privateKey, `/**/${head('')}`), 'Malformed');
add('a byte order mark', await signedBy(keys.privateKey, `\ufeff${head('')}`), 'Malformed');

console.log(JSON.stringify({ note: 'by tests/tools/dpop-vectors.mjs; the clock is accepted from 60 s before to 30 s behind now', cases }, null, 2));
