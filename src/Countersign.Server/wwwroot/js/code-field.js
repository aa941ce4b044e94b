// Cleans what is typed or pasted into a code field, and fills it from the message where the browser can (WebOTP).
//
// <input data-code-field="digits" …>   only digits, full-width ones become plain
// <input data-code-field="any" …>      letters too; only spaces and dashes go
// Add data-code-message where the code arrives by SMS.

/** @param {HTMLInputElement} input */
export function codeField(input) {
  const unwanted = input.dataset.codeField === "digits" ? /[^0-9]/gu : /[\s\p{Pd}]/gu;
  const clean = () => {
    const value = input.value.normalize("NFKC").replace(unwanted, "");
    if (value !== input.value) {
      input.value = value;
    }
  };

  input.addEventListener("input", (event) => {
    // Changing the value under an input method would break what is being composed.
    if (!event.isComposing) {
      clean();
    }
  });
  input.addEventListener("compositionend", clean);

  if (input.hasAttribute("data-code-message") && "OTPCredential" in window) {
    receive(input);
  }
}

async function receive(input) {
  const stop = new AbortController();
  input.form?.addEventListener("submit", () => stop.abort(), { once: true });
  window.addEventListener("pagehide", () => stop.abort(), { once: true });

  try {
    const message = await navigator.credentials.get({ otp: { transport: ["sms"] }, signal: stop.signal });
    if (message?.code) {
      input.value = message.code;
      // The person has just agreed to hand the code over, so nothing is left to press.
      input.form?.requestSubmit();
    }
  } catch {
    // Declined, timed out or already sent: the field is there to be typed into.
  }
}
