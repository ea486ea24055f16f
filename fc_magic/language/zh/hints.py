"""What to do about an error inside a function."""

WORDS = {
    "%fclist shows what is deployed": "%fclist 显示已部署的函数",
    "%fclayers shows what is published": "%fclayers 显示已发布的层",
    "%fclayers NAME shows the versions of a layer": "%fclayers NAME 显示层的各个版本",
    "%fctarget shows where functions go": "%fctarget 显示函数部署到何处",
    "The handler names the file {0}.py, which is not in the package: set --handler FILE.FUNCTION; i"
    "n a ZIP the file stands at the top, not in a folder.": (
        "请求处理程序指定了文件 {0}.py，但它不在代码包中：设置 --handler FILE.FUNCTION；ZIP 中的文件须"
        "位于顶层，不能在文件夹内。"
    ),
    "The handler names the file {0}.py, which is not in the package: put it there with its folder, or set "
    "--handler FILE.FUNCTION.": (
        "请求处理程序指定了文件 {0}.py，但它不在代码包中：将其连同所在文件夹放入代码包，或设置 --handler FILE.FUNCTION。"
    ),
    "A handler is written FILE.FUNCTION: --handler index.handler": (
        "请求处理程序的格式为 FILE.FUNCTION：--handler index.handler"
    ),
    "The handler names the file {0}.js, which is not in the package: set --handler FILE.FUNCTION; i"
    "n a ZIP the file stands at the top, not in a folder.": (
        "请求处理程序指定了文件 {0}.js，但它不在代码包中：设置 --handler FILE.FUNCTION；ZIP 中的文件须"
        "位于顶层，不能在文件夹内。"
    ),
    "Define def {0}(event, context) at the top level of {1}.py, or name the function there is: --ha"
    "ndler {2}.FUNCTION": (
        "在 {1}.py 的顶层定义 def {0}(event, context)，或指定已有的函数：--handler {2}.FUNCTION"
    ),
    "Export it from {0}.js, exports.{1} = async (event, context) => …, or name the function there "
    "is: --handler {2}.FUNCTION": (
        "从 {0}.js 导出，exports.{1} = async (event, context) => …，或指定已有的函数：--handler {2}.FUNCTION"
    ),
    "Package the library again for linux x86_64.": "请针对 linux x86_64 重新打包该依赖包。",
    "The library needs a newer system ({0}): --runtime python3.12, or a manylinux2014 wheel.": (
        "该依赖包需要更新的系统（{0}）：--runtime python3.12，或使用 manylinux2014 wheel。"
    ),
    "{0} is not in the package: deploy with --requirements {1}": (
        "代码包中没有 {0}：部署时加 --requirements {1}"
    ),
    "{0} is not in the package: npm install {1} in a folder, put index.js beside node_modules, zip "
    "what is in the folder, and %fcdeploy NAME --runtime nodejs20 --code FILE.zip": (
        "代码包中没有 {0}：在文件夹中执行 npm install {1}，将 index.js 与 node_modules 放在一起，把文件"
        "夹内的内容打成 ZIP，再执行 %fcdeploy NAME --runtime nodejs20 --code FILE.zip"
    ),
    "The code needs a newer Python than the runtime has: --runtime python3.12": (
        "代码需要比该运行环境更新的 Python：--runtime python3.12"
    ),
    "Pin the version of the library that has {0}.": "固定包含 {0} 的依赖包版本。",
    "Make the file readable and package it again: chmod 644 FILE": (
        "将文件设为可读并重新打包：chmod 644 FILE"
    ),
    "Python 3.12 allows more inside an f-string: --runtime python3.12": (
        "Python 3.12 的 f-string 支持更多写法：--runtime python3.12"
    ),
    "Call the file index.mjs; a file index.js has require() and exports.": (
        "将文件命名为 index.mjs；index.js 使用 require() 和 exports。"
    ),
    "A file with import or export has neither require() nor exports: import x from 'x', export cons"
    "t handler = …": (
        "使用 import 或 export 的文件没有 require() 和 exports：import x from 'x'，export const handler = …"
    ),
    "Return headers as a dict of short texts, each name of letters, digits and -, each value in one line: "
    "{{'Content-Type': 'text/html'}}": (
        "headers 应为由短文本组成的 dict，名称只含字母、数字和 -，值为单行文本：{{'Content-Type': 'text/html'}}"
    ),
    "Return the body as text: {{'statusCode': 200, 'body': json.dumps(value)}}": (
        "body 应为文本：{{'statusCode': 200, 'body': json.dumps(value)}}"
    ),
    "Return a number: {{'statusCode': 200, 'body': …}}": "statusCode 应为数字：{{'statusCode': 200, 'body': …}}",
    "Encode the body: base64.b64encode(raw).decode(), or leave isBase64Encoded out.": (
        "对 body 编码：base64.b64encode(raw).decode()，或去掉 isBase64Encoded。"
    ),
    "Let the deployment bring libraries, which says what is wrong with a requirement: --requirements NAME": (
        "由部署提供依赖包，依赖有误时会说明原因：--requirements NAME"
    ),
    "Correct the line.": "修正该行。",
    "Correct the line, or choose the Python it is written for: --runtime python3.12": (
        "修正该行，或选择对应的 Python 版本：--runtime python3.12"
    ),
    "Set the environment variable: --env {0}=VALUE": "设置环境变量：--env {0}=VALUE",
    "Code outside of functions runs before any call: put the key there above the line, or ask with .get({0}).": (
        "函数之外的代码在任何调用之前执行：在该行之前放入该键，或用 .get({0}) 查找。"
    ),
    "The code outside of functions failed while it was loaded: move it into the handler, or into an"
    " initializer: --entrypoint index.initialize": (
        "函数之外的代码在加载时失败：将其移入请求处理程序，或移入 Initializer 回调程序：--entrypoint index.initialize"
    ),
    "The event comes as bytes; begin with: event = json.loads(event)": (
        "事件以 bytes 传入；先执行：event = json.loads(event)"
    ),
    "A handler is a plain function; inside it: return asyncio.run(main(event))": (
        "请求处理程序是普通函数；在其中写：return asyncio.run(main(event))"
    ),
    "Return what JSON has: dict, list, str, int, float, bool or None; convert {0} before, such as s"
    "tr(value), list(value) or value.item()": (
        "返回 JSON 支持的类型：dict、list、str、int、float、bool 或 None；请先转换 {0}，如 str(value)、"
        "list(value) 或 value.item()"
    ),
    "Give the returned dict keys of one type: {{str(k): v for k, v in value.items()}}": (
        "返回的 dict 的键须为同一类型：{{str(k): v for k, v in value.items()}}"
    ),
    "The context of python3.12 is smaller: keys are in os.environ['ALIBABA_CLOUD_ACCESS_KEY_ID'] an"
    "d its neighbours, the id in context.request_id": (
        "python3.12 的 context 字段较少：密钥在 os.environ['ALIBABA_CLOUD_ACCESS_KEY_ID'] 等环境变量中"
        "，请求 ID 在 context.request_id"
    ),
    "This is a web application as a handler: return {{'statusCode': 200, 'body': …}} from handler("
    "event, context), or use --runtime custom.debian12": (
        "这是把 Web 应用当作请求处理程序：在 handler(event, context) 中返回 {{'statusCode': 200, 'body'"
        ": …}}，或使用 --runtime custom.debian12"
    ),
    "A handler takes two arguments: def handler(event, context)": (
        "请求处理程序接收两个参数：def handler(event, context)"
    ),
    "Answer with callback(null, value), or make the handler an async function and return the value.": (
        "用 callback(null, value) 应答，或将请求处理程序改为 async 函数并返回值。"
    ),
    "A handler gets (event, context, callback), an initializer (context, callback).": (
        "请求处理程序接收 (event, context, callback)，Initializer 回调程序接收 (context, callback)。"
    ),
    "Allow more time: --timeout {0}; and give calls to other services a timeout of their own.": (
        "延长超时时间：--timeout {0}；并为访问其他服务的调用单独设置超时。"
    ),
    "Do less in the initializer, or more in the handler.": "减少 Initializer 回调程序中的工作，移到请求处理程序中。",
    "Start fewer processes and threads at once, or wait for those that were started.": (
        "减少同时启动的进程和线程，或等待已启动的结束。"
    ),
    "Let the program answer with HTTP/1.1.": "让程序以 HTTP/1.1 应答。",
    "Answer each request whole before closing its connection; keep idle connections open for 15 minutes.": (
        "完整应答每个请求后再关闭连接；空闲连接保持 15 分钟。"
    ),
    "Give the instance more memory: --memory 1024": "增加实例内存：--memory 1024",
    "Return instead of {0}().": "用 return 代替 {0}()。",
    "Return less, or put it into OSS and return its key.": "返回更少的内容，或将其放入 OSS 并返回其键。",
    "Return instead of sys.exit(); if nothing exits, the memory may have run out: --memory 1024": (
        "用 return 代替 sys.exit()；如果没有主动退出，可能是内存不足：--memory 1024"
    ),
    "If nobody cancelled it: wait longer than the function runs, or call it without waiting.": (
        "如果不是主动取消：等待时间须长于函数执行时间，或以异步方式调用。"
    ),
    "{0} lies beside the notebook and is not in the package: --file {1}": (
        "{0} 位于 Notebook 旁边，但不在代码包中：--file {1}"
    ),
    "Write below /tmp.": "写入 /tmp 目录。",
    "Let the server listen on 0.0.0.0, port {0}, which it is told in FC_SERVER_PORT.": (
        "让服务监听 0.0.0.0 的 {0} 端口，该端口由 FC_SERVER_PORT 给出。"
    ),
    "Let the server listen on 0.0.0.0, port {0}.": "让服务监听 0.0.0.0 的 {0} 端口。",
    "Name the command that starts the server: --entrypoint 'python3 app.py'": (
        "指定启动服务的命令：--entrypoint 'python3 app.py'"
    ),
    "Make it executable and zip it again: chmod 755 bootstrap": "设为可执行并重新打包：chmod 755 bootstrap",
    "Check the path of the start command; its line ends must be LF.": (
        "检查启动命令的路径；文件须使用 LF 换行。"
    ),
    "Listen first, connect to other services later.": "先监听端口，再连接其他服务。",
}
