// Shows that a form is on its way, and sends it once. The server answers a second one alike; this spares people the doubt.
//
// Every form of the page that posts and that no other script takes over. The button keeps its place and its words, and turns.

// After so long nobody is kept from trying again: the connection may be gone, and no event tells of a page that was stopped.
const patience = 10_000;

/** @param {Document} page */
export function working(page) {
  page.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") {
      return;
    }

    if (form.hasAttribute("aria-busy")) {
      event.preventDefault();
      return;
    }

    const button = event.submitter ?? form.querySelector("button:not([type=button])");
    form.setAttribute("aria-busy", "true");
    button?.classList.add("button--working");
    setTimeout(() => rest(form), patience);
  });

  // A page that comes back from the history is ready to be used again.
  window.addEventListener("pageshow", () => {
    for (const form of page.querySelectorAll("form[aria-busy]")) {
      rest(form);
    }
  });
}

function rest(form) {
  form.removeAttribute("aria-busy");
  for (const button of form.querySelectorAll(".button--working")) {
    button.classList.remove("button--working");
  }
}
