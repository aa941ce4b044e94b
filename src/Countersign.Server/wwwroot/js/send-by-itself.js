// A form that nobody has to read: it sends itself, once. Without scripts its button does.
//
// <form method="post" data-send-by-itself>…</form>
// <form method="post"><button data-send-by-itself>…</button></form>

/** @param {HTMLFormElement | HTMLButtonElement} element */
export function sendByItself(element) {
  (element.form ?? element).requestSubmit();
}
