// What runs inside a Node.js instance: reads calls from a socket, runs the handler, answers there.
//
// Node's own modules only, Node 12 to 24; run as `node … bootstrap.cjs SOCKET LIFELINE` (two descriptors). stdout and
// stderr are the function's log. It is no ES module: that would cost every cold start the loader of those.
//
// A frame, both ways: two big-endian uint32 (header size, payload size), a JSON header, the payload. The first frame is
// `init`; then one `initialize`, `invoke` or `pre_stop` at a time. End of file means: end. Between two calls the process
// waits in a read, and nothing of the function goes on: an instance that serves no call is frozen.
"use strict";

const fs = require("fs");
const path = require("path");
const util = require("util");

// taken here, because a function may replace what it finds: timers, say, or the whole file system
const { readSync, writeSync } = fs;
const { setImmediate } = global;
const { nextTick } = process;
const { parse, stringify } = JSON;

const [CONTROL, LIFELINE] = process.argv.splice(2).map(Number);
const HANDLED = "HandledInvocationError";
const UNHANDLED = "UnhandledInvocationError";
// what a method of the console, and of context.logger, writes as its level
const LEVELS = { debug: "debug", info: "info", warn: "warn", error: "error" };
const NAMES = ["error", "warn", "info", "verbose", "debug", "silly"];
const LONGEST_ERROR = 256 * 1024;
// ES modules are for nodejs18 and later in the documents; copies of older runtimes look for .js alone
const EXTENSIONS = [".js", ".mjs", ".cjs"];
// ours: in a region the call just runs out of time
const STUCK =
  "The handler has not answered, and nothing is left that it could wait for: call callback(error, answer), " +
  "or return the answer from an async function";

// ---------------------------------------------------------------- frames

function end() {
  process.kill(process.pid, "SIGKILL");
}

function fill(buffer) {
  for (let at = 0; at < buffer.length; ) {
    const count = readSync(CONTROL, buffer, at, buffer.length - at, null);
    if (!count) end();
    at += count;
  }
  return buffer;
}

function readFrame() {
  const head = fill(Buffer.alloc(8));
  const header = fill(Buffer.alloc(head.readUInt32BE(0)));
  // a buffer of its own: some code looks at event.buffer
  return [parse(header.toString()), fill(Buffer.allocUnsafeSlow(head.readUInt32BE(4)))];
}

function writeFrame(header, payload = Buffer.alloc(0)) {
  const text = Buffer.from(stringify(header));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(text.length, 0);
  head.writeUInt32BE(payload.length, 4);
  try {
    writeAll(CONTROL, Buffer.concat([head, text, payload]));
  } catch (error) {
    end(); // the function closed it, or the server is gone
  }
}

function writeAll(descriptor, data) {
  for (let at = 0; at < data.length; ) {
    try {
      at += writeSync(descriptor, data, at);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      // another process shares the pipe, and does not want to wait for it
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

// ---------------------------------------------------------------- the log

const streams = {};

// what is printed must be in the log before the answer: Node's own streams for pipes may still hold it then
function replaceStream(name, descriptor) {
  const make = () => {
    const { Writable } = require("stream");
    const stream = new Writable({
      decodeStrings: true,
      write(chunk, _, done) {
        print(descriptor, chunk);
        done();
      },
    });
    return Object.assign(stream, { fd: descriptor, _type: "pipe" });
  };
  const get = () => streams[name] || (streams[name] = make());
  Object.defineProperty(process, name, { configurable: true, enumerable: true, get });
}

function print(descriptor, data) {
  try {
    writeAll(descriptor, data);
  } catch (error) {
    // the function closed it: there is no log any more
  }
}

function logLine(requestId, level, text) {
  const line = `${new Date().toISOString()} ${requestId} [${level}] ${text}`.replace(/\n/g, "\r") + "\n";
  const { stdout } = streams; // the function may have put something in the place of its write
  if (stdout && stdout.writable) stdout.write(line);
  else print(1, Buffer.from(line));
}

function replaceConsole() {
  for (const [method, level] of Object.entries({ log: "verbose", ...LEVELS })) {
    console[method] = (...values) => logLine(process._fc.requestId, level, util.format(...values));
  }
  console.setLogLevel = () => {}; // nothing is left out in a region either
}

class ContextLog {
  constructor(requestId) {
    this.requestId = requestId;
    this.logLevel = "silly";
  }

  // the level that log() writes
  setLogLevel(level) {
    if (NAMES.includes(level.toLowerCase())) this.logLevel = level.toLowerCase();
  }

  log(...values) {
    logLine(this.requestId, this.logLevel, util.format(...values));
  }
}

for (const [method, level] of Object.entries(LEVELS)) {
  ContextLog.prototype[method] = function (...values) {
    logLine(this.requestId, level, util.format(...values));
  };
}

// ---------------------------------------------------------------- the context object

let waitsForEmptyEventLoop = false;

// printed, and as JSON, they show no secret
class Credentials {
  constructor([key, secret, token]) {
    Object.assign(this, { accessKeyId: key, accessKeySecret: secret, securityToken: token });
  }

  toJSON() {
    return { accessKeyId: this.accessKeyId };
  }

  [util.inspect.custom]() {
    return this.toJSON();
  }
}

function makeContext(init, frame) {
  return {
    requestId: frame.request_id,
    credentials: new Credentials(init.credentials),
    function: { name: init.function, handler: init.handler, memory: init.memory, timeout: init.timeout },
    service: {
      name: "",
      logProject: init.logs.log_project,
      logStore: init.logs.log_store,
      qualifier: frame.qualifier,
      versionId: init.version,
    },
    region: init.region,
    accountId: init.account_id,
    logger: new ContextLog(frame.request_id),
    retryCount: frame.retry_count || 0,
    tracing: { openTracingSpanContext: "", openTracingSpanBaggages: {}, jaegerEndpoint: "" },
    get waitsForEmptyEventLoopBeforeCallback() {
      return waitsForEmptyEventLoop;
    },
    set waitsForEmptyEventLoopBeforeCallback(value) {
      waitsForEmptyEventLoop = value;
    },
  };
}

// ---------------------------------------------------------------- the handler

// a resolved handler is kept, as Function Compute does
const HANDLERS = new Map();

// the handler, or the promise of one that is in an ES module
function load(name, code) {
  if (HANDLERS.has(name)) return HANDLERS.get(name);
  print(1, Buffer.from(`load code for handler:${name}\n`));
  const dot = name.lastIndexOf(".");
  if (dot < 0) throw loadError("InvalidHandlerName", `Invalid handler '${name}'`);
  const [file, attribute] = [name.slice(0, dot), name.slice(dot + 1)];
  const found = EXTENSIONS.map((ending) => path.join(code, file + ending)).find((p) => fs.existsSync(p));
  if (!found) throw loadError("ImportModuleError", `Module '${path.join("/code", file)}.js' is missing.`);
  const take = (module) => {
    const handler = module && module[attribute];
    if (typeof handler !== "function")
      throw loadError("HandlerNotFound", `Handler '${attribute}' is missing on module '${file}'`);
    HANDLERS.set(name, handler);
    return handler;
  };
  if (!isModule(found, code)) return take(require(found));
  return import(require("url").pathToFileURL(found).href).then(take, (error) => {
    throw error instanceof SyntaxError ? placed(error, found) : error;
  });
}

// Node does not tell in which line of an ES module a syntax error is, but when it is asked for nothing else
function placed(error, file) {
  const { stderr } = require("child_process").spawnSync(process.execPath, ["--check", file], { encoding: "utf8" });
  const [place] = String(stderr).split(`\n${error.name}: `);
  if (place !== stderr) error.stack = `${place.trim()}\n\n${error.name}: ${error.message}`;
  return error;
}

function isModule(file, code) {
  if (!file.endsWith(".js")) return file.endsWith(".mjs");
  for (let folder = path.dirname(file); folder.startsWith(code); folder = path.dirname(folder)) {
    const described = path.join(folder, "package.json");
    if (fs.existsSync(described)) return parse(fs.readFileSync(described, "utf8")).type === "module";
  }
  return false;
}

function loadError(kind, message) {
  return Object.assign(new Error(message), { name: kind, stack: `${kind}: ${message}` });
}

// the name under which what went wrong in loading is answered
function loadKind(error) {
  if (error instanceof SyntaxError) return "UserCodeSyntaxError";
  const code = error && error.code;
  return code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND" ? "ImportModuleError" : "";
}

// ---------------------------------------------------------------- answers and errors

function toBuffer(value) {
  if (value === undefined || value === null) return Buffer.alloc(0);
  if (value instanceof Buffer) return value;
  if (typeof value === "function") return Buffer.from(String(value.constructor));
  if (typeof value !== "object") return Buffer.from(String(value));
  return Buffer.from(stringify(value) || "");
}

function isError(value) {
  return util.types.isNativeError(value) || value instanceof Error;
}

// the payload of what was thrown, rejected or called back
function described(error, kind, type) {
  if (!isError(error)) {
    const name = type === HANDLED ? "FunctionHandledError" : "FunctionUnhandledError";
    return { errorMessage: toBuffer(error).toString(), errorType: name };
  }
  return {
    errorMessage: withoutUs(String(error.message)).join("\n"),
    errorType: kind || String(error.name),
    stackTrace: frames(error),
  };
}

function frames(error) {
  const lines = withoutUs(String(error.stack));
  const ours = lines.findIndex((line) => line.includes(__filename));
  const kept = ours < 0 ? lines : lines.slice(0, ours);
  while (/^ +at .*(node:internal|\(internal)\//.test(kept[kept.length - 1])) kept.pop();
  return kept;
}

// the lines of a text with the paths as the function's author knows them, below /code
function withoutUs(text) {
  const seen = FOLDERS.reduce((shown, folder) => shown.split(folder + path.sep).join("/code/"), text);
  return seen.split("\n").filter((line) => line !== `- ${__filename}`); // of a "Require stack:"
}

function outcome(how) {
  try {
    if (!("error" in how)) return ["", toBuffer(how.value)];
    return failed(how.type, described(how.error, how.kind, how.type));
  } catch (error) {
    return failed(UNHANDLED, described(error, "", UNHANDLED)); // it cannot be written, or not even be looked at
  }
}

function failed(type, payload) {
  const text = stringify(payload);
  const end = text.length > LONGEST_ERROR ? "... Truncated by FunctionCompute" : "";
  logLine(process._fc.requestId, "error", text.slice(0, LONGEST_ERROR) + end);
  return [type, Buffer.from(text)];
}

// ---------------------------------------------------------------- one call

// folders of the function's files, when they are elsewhere than at /code
let FOLDERS = [];
// what is to be sent when the event loop is empty
let waiting = null;

function next(init) {
  const [frame, event] = readFrame();
  process._fc = { requestId: frame.request_id };
  let settled = false;
  // only the first counts; what the function does after it, before it returns, still belongs to this call
  const settle = (how) => {
    if (!settled) nextTick(finish, init, how);
    settled = true;
  };
  run(init, frame, event, settle);
}

function run(init, frame, event, settle) {
  const context = makeContext(init, frame);
  const callback = (error, value) =>
    settle(error === undefined || error === null ? { value } : { error, type: HANDLED });
  const given = frame.kind === "invoke" ? [event, context, callback] : [context, callback];
  const unloaded = (error) => settle({ error, type: UNHANDLED, kind: loadKind(error) });
  try {
    const handler = load(frame.handler, init.code);
    if (typeof handler === "function") invoke(handler, given, settle);
    else handler.then((found) => invoke(found, given, settle), unloaded);
  } catch (error) {
    unloaded(error);
  }
}

function invoke(handler, given, settle) {
  const unhandled = (error) => settle({ error, type: UNHANDLED });
  // who asks for a callback may return before it is called
  const returned = (value) => (value === undefined && handler.length >= given.length) || settle({ value });
  try {
    const result = handler(...given);
    if (result && typeof result.then === "function") result.then(returned, unhandled);
  } catch (error) {
    unhandled(error);
  }
}

const peakKb = () => (fs.existsSync("/proc/self/status") ? ownPeakKb() : process.resourceUsage().maxRSS);
const ownPeakKb = () => /* maxRSS may be that of who started it */ Number(/VmHWM:\s*(\d+)/.exec(fs.readFileSync("/proc/self/status", "latin1"))[1]);

function finish(init, how) {
  waiting = () => {
    waiting = null;
    const [type, payload] = outcome(how);
    writeFrame({ error_type: type, memory_kb: peakKb() }, payload);
    setImmediate(next, init);
  };
  if (!waitsForEmptyEventLoop) waiting();
}

// ---------------------------------------------------------------- start

// The lifeline is a socket whose other end only the server holds. On Linux the kernel ends us with it, see zygote.py and
// launch.py; elsewhere a thread waits for its end, since the function may keep this one busy.
function dieWithTheServer() {
  if (process.platform === "linux") return;
  const { Worker } = require("worker_threads");
  const watch = `require("fs").readSync(${LIFELINE}, Buffer.alloc(1)); process.kill(-${process.pid}, "SIGKILL")`;
  new Worker(watch, { eval: true }).unref();
}

// As without it, but that the stack is without us. A listener of the function's own has it otherwise.
function uncaught(error) {
  if (process.listenerCount("uncaughtException") > 1) return;
  logLine(process._fc.requestId, "error", isError(error) ? frames(error).join("\n") : `Uncaught ${util.inspect(error)}`);
  process.exit(1);
}

function eventLoopIsEmpty() {
  if (waiting) return waiting();
  logLine(process._fc.requestId, "error", STUCK);
  fill(Buffer.alloc(1)); // until the call runs out of time
}

function main() {
  dieWithTheServer();
  const [init] = readFrame();
  FOLDERS = [init.code, fs.realpathSync(init.code)].filter((folder) => folder !== "/code");
  process._fc = { requestId: "" };
  replaceStream("stdout", 1);
  replaceStream("stderr", 2);
  replaceConsole();
  process.on("beforeExit", eventLoopIsEmpty);
  process.on("uncaughtException", uncaught);
  writeFrame({ kind: "ready", version: process.versions.node.split(".").map(Number) });
  setImmediate(next, init);
}

main();
