// The authenticator app of the demo's device lab: the ring runs, and a new code comes when its time is over.
//
// <div data-lab-codes="/demo/devices/codes?user=…">
//   <li data-code-of="id"> <p data-code>123 456</p> <path data-ring pathLength="30" stroke-dasharray="30" stroke-dashoffset="4">
//     <span data-left>26</span> </li>
// </div>

const SECOND = 1000;

/** @param {HTMLElement} phone */
export function labCodes(phone) {
  const address = phone.dataset.labCodes;
  const entries = [...phone.querySelectorAll("[data-code-of]")].map((item) => ({
    id: item.dataset.codeOf,
    code: item.querySelector("[data-code]"),
    left: item.querySelector("[data-left]"),
    ring: item.querySelector("[data-ring]"),
    until: performance.now() + Number(item.querySelector("[data-left]")?.textContent) * SECOND,
  }));

  const tick = async () => {
    const now = performance.now();
    if (entries.some((entry) => entry.until <= now)) {
      await refresh(address, entries);
    }

    for (const entry of entries) {
      const left = Math.max(0, Math.ceil((entry.until - performance.now()) / SECOND));
      entry.left.textContent = String(left);
      entry.ring.setAttribute("stroke-dashoffset", String(Number(entry.ring.getAttribute("pathLength")) - left));
    }

    setTimeout(tick, SECOND);
  };

  tick();
}

async function refresh(address, entries) {
  try {
    const response = await fetch(address, { headers: { accept: "application/json" }, cache: "no-store" });
    const codes = response.ok ? await response.json() : [];
    for (const entry of entries) {
      const fresh = codes.find((code) => code.id === entry.id);
      if (fresh) {
        entry.code.textContent = fresh.code;
        entry.until = performance.now() + fresh.left * SECOND;
      }
    }
  } catch {
    // The server is away for a moment: the next second asks again.
  }
}
