// Adds a button that shows and hides the password, and a hint while Caps Lock is on.
//
// <input type="password" data-password-field data-show="Show" data-show-label="Show password"
//        data-hide="Hide" data-hide-label="Hide password" data-caps-lock="Caps Lock is on.">

/** @param {HTMLInputElement} input */
export function passwordField(input) {
  addToggle(input);
  if (input.dataset.capsLock) {
    addCapsLockHint(input);
  }
}

function addToggle(input) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "field__toggle";
  button.setAttribute("aria-controls", input.id);

  const show = (visible) => {
    input.type = visible ? "text" : "password";
    button.textContent = visible ? input.dataset.hide : input.dataset.show;
    button.setAttribute("aria-label", visible ? input.dataset.hideLabel : input.dataset.showLabel);
  };

  show(false);
  button.addEventListener("click", () => show(input.type === "password"));

  // A field that is sent as plain text may be remembered by the browser as ordinary form data.
  input.form?.addEventListener("submit", () => show(false));

  // A page that comes back from the history must not show what was hidden when it was left.
  window.addEventListener("pagehide", () => show(false));

  input.spellcheck = false;
  input.autocapitalize = "none";
  input.after(button);
}

function addCapsLockHint(input) {
  const hint = document.createElement("p");
  hint.className = "field__note";
  hint.setAttribute("role", "status");
  input.parentElement.after(hint);

  const update = (event) => {
    const on = event.getModifierState?.("CapsLock") ?? false;
    const text = on ? input.dataset.capsLock : "";
    if (hint.textContent !== text) {
      hint.textContent = text;
    }
  };

  input.addEventListener("keydown", update);
  input.addEventListener("keyup", update);
  input.addEventListener("mousedown", update);
  input.addEventListener("blur", () => { hint.textContent = ""; });
}
