// A certified identity provider: oidc-provider, for the sign-in of sign_in.py beside this file.
// Usage: provider.mjs PORT RESOURCE. It prints a line once it listens.
import Provider from "oidc-provider";

const [port, resource] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const scope = "voicemail:read voicemail:open voicemail:update";
const people = {
  ayse: { name: "Ayşe Yılmaz", groups: ["reception"] },
  mehmet: { name: "Mehmet Kaya", groups: ["workshop"] },
};

const provider = new Provider(issuer, {
  features: {
    registration: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: (_ctx, asked) => {
        if (!asked.startsWith(resource)) throw new Error(`no resource of ours: ${asked}`);
        return { scope, audience: asked, accessTokenFormat: "jwt", accessTokenTTL: 300, jwt: { sign: { alg: "RS256" } } };
      },
    },
  },
  scopes: ["openid", "offline_access", ...scope.split(" ")],
  pkce: { required: () => true },
  clientDefaults: { token_endpoint_auth_method: "none" },
  extraTokenClaims: (_ctx, token) => people[token.accountId],
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
});
provider.on("server_error", (_ctx, error) => console.error(error));
provider.listen(Number(port), "127.0.0.1", () => console.log(`listening at ${issuer}`));
