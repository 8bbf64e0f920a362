// The sandbox's control API: one function for each thing a person of the sandbox, or its weather, can do.

// An act that the sandbox refused: `status` is the HTTP status, 0 when nothing answered at all.
export class Refused extends Error {
  constructor(status, detail) {
    super(`the sandbox answered ${status}: ${detail}`);
    this.status = status;
    this.detail = detail;
  }
}

export const readState = () => call("GET", "state");
export const send = (message) => call("POST", "send", message);
export const press = (button) => call("POST", "press", button);
export const edit = (change) => call("POST", "edit", change);
export const remove = (message) => call("POST", "delete", message);
export const block = (person, blocked) => call("POST", "block", { person, blocked });
export const addPerson = (person) => call("POST", "people", person);
export const setSwitches = (switches) => call("POST", "switches", switches);
export const setProcess = (action) => call("POST", "process", { action });

// Sends a file with what belongs to it; `fields` without a value are left out. The file's own name travels with it.
export function upload(file, fields) {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields)) if (value !== undefined && value !== null) form.append(key, value);
  form.append("file", file, file.name);
  return call("POST", "upload", form);
}

// Runs a command of the helpline: {"text"} for words, {"blob", "name"} for a saved item.
export async function command(request) {
  const response = await ask("POST", "command", request);
  if (response.headers.get("content-type")?.includes("application/json")) return response.json();
  return { blob: await response.blob(), name: fileName(response) };
}

async function call(method, path, body) {
  const response = await ask(method, path, body);
  return response.json();
}

async function ask(method, path, body) {
  const form = body instanceof FormData;
  const options = { method, cache: "no-store", body: form || body === undefined ? body : JSON.stringify(body) };
  if (body !== undefined && !form) options.headers = { "content-type": "application/json" };
  let response;
  try {
    response = await fetch(`/sandbox/${path}`, options);
  } catch {
    throw new Refused(0, "no answer");
  }
  if (!response.ok) throw new Refused(response.status, await reason(response));
  return response;
}

async function reason(response) {
  const text = await response.text();
  try {
    const body = JSON.parse(text);
    return String(body.error ?? body.description ?? text);
  } catch {
    return text.slice(0, 300);
  }
}

function fileName(response) {
  const found = /filename\*=UTF-8''([^;]+)/i.exec(response.headers.get("content-disposition") ?? "");
  return found ? decodeURIComponent(found[1]) : "item";
}
