// A real OpenID Connect provider on the loopback interface, for tests/api/access/provider.rs.
//
//   node provider.mjs PORT ALG AGENCY=LOGIN,… 
//
// PORT 0 takes a free one; the port that was taken is the only thing on the standard output, everything else goes to the
// standard error. ALG signs the ID tokens (RS256, PS256, ES256, EdDSA), with keys that are made anew at each start: a
// start on the same port is a rotation of keys. Anybody may sign in under any name; the built-in pages of the provider ask
// for login and consent. The claim `agency_code` is what the third argument says, as JSON of names to codes.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

console.log = console.info = console.warn = console.error;
const { default: Provider } = await import('oidc-provider');

const [port = '0', alg = 'RS256', agencies = '{}'] = process.argv.slice(2);
const agencyOf = JSON.parse(agencies);

const made = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
}[alg]();
const key = { ...made.privateKey.export({ format: 'jwk' }), use: 'sig', alg, kid: `${alg}-${Date.now()}-${process.pid}` };

const client = (client_id) => ({
  client_id,
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/signed-in'],
  id_token_signed_response_alg: alg,
});

// The issuer has the port in its name, so the port is taken first.
const server = createServer();
await new Promise((resolve) => server.listen(Number(port), '127.0.0.1', resolve));
const taken = server.address().port;

const provider = new Provider(`http://127.0.0.1:${taken}`, {
  clients: [client('motcua-frontend'), client('somebody-else')],
  jwks: { keys: [key] },
  cookies: { keys: ['a secret of the tests'] },
  pkce: { required: () => true },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
  claims: {
    openid: ['sub', 'agency_code'],
    profile: ['preferred_username'],
    email: ['email', 'email_verified'],
  },
  // The claims stand in the ID token itself, as ministries' providers have them.
  conformIdTokenClaims: false,
  ttl: { IdToken: 3600, AccessToken: 3600, AuthorizationCode: 60, Grant: 3600, Interaction: 600, Session: 3600 },
  findAccount: (_, login) => ({
    accountId: login,
    claims: () => ({
      sub: `citizen-${login}`,
      preferred_username: login,
      email: login,
      email_verified: !login.startsWith('officer'),
      agency_code: agencyOf[login],
    }),
  }),
});
server.on('request', provider.callback());
process.stdout.write(`${taken}\n`);
