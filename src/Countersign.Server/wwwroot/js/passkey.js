// Asks the browser for a passkey and sends what it answers with the form (WebAuthn).
//
// <form data-passkey="get|create" data-passkey-options="{…}" data-passkey-start="yes" data-said-working="…" data-said-stopped="…"
//       data-said-known="…" data-said-elsewhere="…" data-said-failed="…">
//   <input type="hidden" name="code">
//   <div data-passkey-without>what to do in a browser that cannot</div>
//   <p role="status" data-passkey-said></p>
//   <div data-passkey-with hidden><button type="button">…</button></div>
//
// <form data-passkey="alone" data-passkey-begin="/…" hidden …> asks the server for the options when the button is pressed, and keeps
// the name of the ceremony in its field "ceremony". It shows itself where the browser can.

/** @param {HTMLFormElement} form */
export function passkey(form) {
  if (!("PublicKeyCredential" in window) || !navigator.credentials) {
    return;
  }

  const button = form.querySelector("button[type=button]");
  const said = form.querySelector("[data-passkey-said]");
  let busy = false;

  const run = async () => {
    if (busy) {
      return;
    }

    busy = true;
    said.textContent = form.dataset.saidWorking ?? "";
    try {
      const credential = form.dataset.passkey === "create" ? await create(form) : await get(form);
      field(form, "code").value = JSON.stringify(credential);
      form.requestSubmit();
    } catch (error) {
      said.textContent = error instanceof Refused ? error.message : form.dataset[sentence(error)] ?? form.dataset.saidFailed ?? "";
      busy = false;
    }
  };

  form.hidden = false;
  form.querySelector("[data-passkey-without]")?.remove();
  form.querySelector("[data-passkey-with]")?.removeAttribute("hidden");
  button.addEventListener("click", run);

  // A page that comes back from the history has sent its answer already.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      busy = false;
      said.textContent = "";
    }
  });

  if (form.dataset.passkeyStart) {
    run();
  }
}

class Refused extends Error {}

function sentence(error) {
  switch (error?.name) {
    case "NotAllowedError":
    case "AbortError":
    case "TimeoutError":
      return "saidStopped";
    case "InvalidStateError":
      return "saidKnown";
    case "SecurityError":
      return "saidElsewhere";
    default:
      return "saidFailed";
  }
}

async function create(form) {
  const json = JSON.parse(form.dataset.passkeyOptions);
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON?.(json) ?? {
    ...json,
    challenge: bytes(json.challenge),
    user: { ...json.user, id: bytes(json.user.id) },
    excludeCredentials: json.excludeCredentials?.map(described),
  };
  return written(await navigator.credentials.create({ publicKey }));
}

async function get(form) {
  const json = form.dataset.passkeyOptions ? JSON.parse(form.dataset.passkeyOptions) : await begin(form);
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON?.(json) ?? {
    ...json,
    challenge: bytes(json.challenge),
    allowCredentials: json.allowCredentials?.map(described),
  };
  return written(await navigator.credentials.get({ publicKey }));
}

async function begin(form) {
  const response = await fetch(form.dataset.passkeyBegin, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" } });
  const answer = await response.json();
  if (!response.ok) {
    throw new Refused(answer.detail ?? form.dataset.saidFailed);
  }

  field(form, "ceremony").value = answer.ceremony;
  return answer.publicKey;
}

// What toJSON would write, where the browser has it not. Extensions are not asked for.
function written(credential) {
  if (typeof credential.toJSON === "function") {
    try {
      return credential.toJSON();
    } catch {
      // Some password managers answer with an object that has the method of another one.
    }
  }

  const response = { clientDataJSON: text(credential.response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) {
      response[name] = text(credential.response[name]);
    }
  }
  if (credential.response.getTransports) {
    response.transports = credential.response.getTransports();
  }

  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, clientExtensionResults: {}, response };
}

// By name alone: the button may have the same word as its id, for links that lead to it.
const field = (form, name) => form.querySelector(`input[name="${name}"]`);

const described = (credential) => ({ ...credential, id: bytes(credential.id) });

const bytes = (base64url) => Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
