// The one script of every page. All of it only makes a page that already works more comfortable.
import { challengeWatch } from "./challenge-watch.js";
import { codeField } from "./code-field.js";
import { countdown } from "./countdown.js";
import { labCodes } from "./lab-codes.js";
import { liveList } from "./live-list.js";
import { numberDialog } from "./number-dialog.js";
import { passkey } from "./passkey.js";
import { passwordField } from "./password-field.js";
import { sendByItself } from "./send-by-itself.js";
import { working } from "./working.js";

const enhancements = [
  ["[data-password-field]", passwordField],
  ["[data-code-field]", codeField],
  ["[data-countdown-until]", countdown],
  ["[data-challenge-events]", challengeWatch],
  ["[data-live-list]", liveList],
  ["[data-lab-codes]", labCodes],
  ["[data-number-dialog-part]", numberDialog],
  ["[data-passkey]", passkey],
  ["[data-send-by-itself]", sendByItself],
];

// Before what sends a form by itself.
working(document);

for (const [selector, enhance] of enhancements) {
  for (const element of document.querySelectorAll(selector)) {
    enhance(element);
  }
}

// A refusal is read first, by eye and by ear.
document.querySelector("[data-error-summary]")?.focus();

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") {
    return;
  }

  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    const hadFocus = menu.contains(document.activeElement);
    menu.open = false;
    if (hadFocus) {
      menu.querySelector("summary")?.focus();
    }
  }
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) {
      menu.open = false;
    }
  }
});
