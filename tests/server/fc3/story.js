// Many operations by Alibaba's own Node.js packages, in one process; prints what came of each as one JSON object.
'use strict';

const { default: Client, ...models } = require('@alicloud/fc20230330');
const { $OpenApiUtil: { Config } } = require('@alicloud/openapi-core');
const { RuntimeOptions } = require('@darabonba/typescript');
const { Readable } = require('stream');
const FC2 = require('@alicloud/fc2');
const OSS = require('ali-oss');

const given = JSON.parse(process.env.STORY);
const { url, objects, id, secret, account, region, name, zip } = given;
const client = new Client(new Config({
  accessKeyId: id, accessKeySecret: secret, endpoint: url.replace('http://', ''), protocol: 'http',
  readTimeout: 30000, connectTimeout: 5000,
}));
const said = {};

async function step(label, work) {
  try {
    const answer = await work();
    const body = answer && answer.body && answer.body.toMap ? answer.body.toMap() : answer && answer.body;
    said[label] = { status: answer && answer.statusCode, body };
  } catch (error) {
    const data = error.data || {};
    said[label] = {
      code: error.code, status: error.statusCode, message: error.message, requestId: data.RequestId || data.requestId,
    };
  }
  return said[label].body;
}

const create = (fields) => client.createFunction(new models.CreateFunctionRequest({
  body: new models.CreateFunctionInput({ functionName: name, runtime: 'python3.10', handler: 'index.handler', ...fields }),
}));
const code = (fields) => new models.InputCodeLocation(fields);
const tag = (key, value) => new models.Tag({ key, value });

async function text(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function invoke(event) {
  const request = new models.InvokeFunctionRequest({ body: Readable.from([Buffer.from(event)]) });
  const headers = new models.InvokeFunctionHeaders({});
  const answer = await client.invokeFunctionWithOptions(name, request, headers, new RuntimeOptions({ readTimeout: 30000 }));
  return { statusCode: answer.statusCode, body: await text(answer.body) };
}

async function upload() {
  // as the fc3 component of Serverless Devs does
  const old = new FC2(account, { accessKeyID: id, accessKeySecret: secret, region, endpoint: url, secure: true });
  const { data } = await old.getTempBucketToken();
  const keys = data.credentials;
  const store = new OSS({
    endpoint: objects, accessKeyId: keys.AccessKeyId, accessKeySecret: keys.AccessKeySecret,
    stsToken: keys.SecurityToken, bucket: data.ossBucket,
  });
  const key = `${account}/${data.objectName}`;
  await store.put(key, Buffer.from(zip, 'base64'));
  return { ossBucketName: data.ossBucket, ossObjectName: key };
}

async function main() {
  const made = await step('create', () => create({
    code: code({ zipFile: zip }), environmentVariables: { A: 'ü' }, tags: [tag('team', 'infra')],
    nasConfig: new models.NASConfig({ userId: 1, groupId: 1, mountPoints: [
      new models.NASMountConfig({ mountDir: '/mnt/a', serverAddr: 'nas:/a' })] }),
  }));
  await step('get', () => client.getFunction(name, new models.GetFunctionRequest({})));
  await step('create again', () => create({ code: code({ zipFile: zip }) }));
  await step('without code', () => create({ functionName: `${name}-2` }));
  await step('update', () => client.updateFunction(name, new models.UpdateFunctionRequest({
    body: new models.UpdateFunctionInput({ timeout: 9, environmentVariables: {}, layers: [] }) })));
  await step('list', () => client.listFunctions(new models.ListFunctionsRequest({
    prefix: name, limit: 1, nextToken: '', tags: [tag('team', 'infra')] })));
  const link = await step('code', () => client.getFunctionCode(name, new models.GetFunctionCodeRequest({})));
  await step('download', async () => {
    const answer = await fetch(link.url);
    return { statusCode: answer.status, body: Buffer.from(await answer.arrayBuffer()).toString('base64') === zip };
  });
  const arn = [made.functionArn];
  await step('tag', () => client.tagResources(new models.TagResourcesRequest({
    body: new models.TagResourcesInput({ resourceType: 'FUNCTION', resourceId: arn, tag: [tag('b', '2')] }) })));
  await step('tags', () => client.listTagResources(new models.ListTagResourcesRequest({
    resourceType: 'function', resourceId: arn })));
  await step('untag', () => client.untagResources(new models.UntagResourcesRequest({
    resourceType: 'function', resourceId: arn, tagKey: ['b', 'team'] })));
  await step('bind', () => client.createVpcBinding(name, new models.CreateVpcBindingRequest({
    body: new models.CreateVpcBindingInput({ vpcId: 'vpc-1' }) })));
  await step('bound', () => client.listVpcBindings(name));
  await step('unbind', () => client.deleteVpcBinding(name, 'vpc-1'));
  await step('group', () => client.changeResourceGroup(new models.ChangeResourceGroupRequest({
    body: new models.ChangeResourceGroupInput({
      newResourceGroupId: 'rg-2', resourceId: arn[0], resourceType: 'function' }) })));
  await step('disable', () => client.disableFunctionInvocation(name, new models.DisableFunctionInvocationRequest({
    reason: 'no', abortOngoingRequest: true })));
  await step('invoke disabled', () => invoke('x'));
  await step('enable', () => client.enableFunctionInvocation(name));
  await step('invoke', () => invoke('hello ☃'));
  await step('regions', () => client.describeRegions(new models.DescribeRegionsRequest({ acceptLanguage: 'zh-CN' })));
  await step('session', () => client.createSession(name, new models.CreateSessionRequest({
    body: new models.CreateSessionInput({}) })));
  await step('from a bucket', async () => client.updateFunction(name, new models.UpdateFunctionRequest({
    body: new models.UpdateFunctionInput({ code: code({ ...await upload(), checksum: made.codeChecksum }) }) })));
  await step('delete', () => client.deleteFunction(name));
  await step('get deleted', () => client.getFunction(name, new models.GetFunctionRequest({})));
  console.log(JSON.stringify(said));
}

main().catch((error) => { console.error(error); process.exit(1); });
