// A form that nobody has to read: it sends itself, once. Without scripts its button does.
//
// <form method="post" data-send-by-itself>…</form>

/** @param {HTMLFormElement} form */
export function sendByItself(form) {
  form.requestSubmit();
}
