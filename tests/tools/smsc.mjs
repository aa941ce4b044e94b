// A message service centre for the tests: SMPP 3.4 on one port, told by HTTP on another what to do.
//   GET  /           {sessions, messages: [{to, from, text, coding, parts}]}
//   POST /mode       {"submit": "ok" | "invalid" | "throttled", "receipt": "DELIVRD" | "UNDELIV" | "EXPIRED" | "REJECTD" | null}
//   POST /down /up   the centre is not there, and there again
// Prints both ports as one line of JSON when it is ready.
import http from 'node:http';
import smpp from 'smpp';

const Status = { ok: 0x00, invalid: 0x0b, throttled: 0x58 };
const sessions = new Set();
const messages = [];
let mode = { submit: 'ok', receipt: 'DELIVRD' };
let next = 0x10a;

const centre = smpp.createServer({}, session => {
  sessions.add(session);
  const gone = () => sessions.delete(session);
  session.on('close', gone);
  session.on('error', gone);
  session.on('bind_transceiver', pdu => session.send(pdu.response({ system_id: 'centre' })));
  session.on('enquire_link', pdu => session.send(pdu.response()));
  session.on('unbind', pdu => { session.send(pdu.response()); session.close(); });
  session.on('submit_sm', pdu => submit(session, pdu));
});

function submit(session, pdu) {
  const status = Status[mode.submit];
  if (status !== 0) {
    session.send(pdu.response({ command_status: status }));
    return;
  }
  const id = (next++).toString(16).toUpperCase().padStart(8, '0');
  const { message, udh } = pdu.short_message;
  messages.push({
    to: pdu.destination_addr, from: pdu.source_addr, coding: pdu.data_coding, text: message, validity: pdu.validity_period,
    part: udh?.length ? udh[0].at(-1) : 1, parts: udh?.length ? udh[0].at(-2) : 1,
  });
  session.send(pdu.response({ message_id: id }));
  if (mode.receipt && pdu.registered_delivery) setTimeout(() => report(id, pdu, mode.receipt), 20);
}

// A receipt goes by any live session, not by the one that submitted: that one may be gone.
function report(id, pdu, stat) {
  const [session] = sessions;
  const ok = stat === 'DELIVRD';
  session?.deliver_sm({
    esm_class: 0x04, source_addr: pdu.destination_addr, destination_addr: pdu.source_addr,
    short_message: `id:${id} sub:001 dlvrd:00${ok ? 1 : 0} submit date:2611240900 done date:2611240901 stat:${stat} err:${ok ? '000' : '034'} text:Your code is 12`,
  });
}

let port = 0;
const up = () => new Promise(ready => centre.listen(port, '127.0.0.1', () => { port = centre.address().port; ready(); }));
const down = () => new Promise(ready => {
  for (const session of sessions) session.destroy();
  centre.close(() => ready());
});

const control = http.createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  if (request.method === 'POST' && request.url === '/mode') mode = JSON.parse(body);
  if (request.method === 'POST' && request.url === '/down') await down();
  if (request.method === 'POST' && request.url === '/up') await up();
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ sessions: sessions.size, messages }));
});

await up();
control.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ smpp: port, control: control.address().port })));
