// Calls the operations of a story by the SDK for Node.js; prints the answer to each, as one JSON object.
'use strict';

const { default: Client, ...models } = require('@alicloud/fc20230330');
const { $OpenApiUtil: { Config } } = require('@alicloud/openapi-core');
const $dara = require('@darabonba/typescript');
const { readFileSync } = require('fs');
const { Readable } = require('stream');

const { url, id, secret, steps } = JSON.parse(process.env.STORY);
const client = new Client(new Config({
  accessKeyId: id, accessKeySecret: secret, endpoint: url.replace('http://', ''), protocol: 'http',
  readTimeout: 30000, connectTimeout: 5000,
}));

async function invoke(path, request, event, headers) {
  if (event !== null) request.body = Readable.from([Buffer.from(event, 'base64')]);
  const options = new $dara.RuntimeOptions({ readTimeout: 60000 });
  const answer = await client.invokeFunctionWithOptions(...path, request, new models.InvokeFunctionHeaders(headers), options);
  const pieces = [];
  for await (const piece of answer.body) pieces.push(piece);
  return { statusCode: answer.statusCode, body: Buffer.concat(pieces).toString('hex') };
}

async function call({ operation, path, request, event, headers }) {
  const method = operation[0].toLowerCase() + operation.slice(1);
  if (request === null) return client[method](...path);
  const asked = $dara.cast(request, new models[`${operation}Request`]({}));
  return operation === 'InvokeFunction' ? invoke(path, asked, event, headers) : client[method](...path, asked);
}

async function main() {
  const answers = [];
  for (const step of JSON.parse(readFileSync(steps))) {
    const answer = await call(step);
    const body = answer.body && answer.body.toMap ? answer.body.toMap() : answer.body;
    answers.push({ status: answer.statusCode, body: body === undefined ? {} : body });
  }
  console.log(JSON.stringify({ answers }));
}

main().catch((error) => { console.error(error); process.exit(1); });
