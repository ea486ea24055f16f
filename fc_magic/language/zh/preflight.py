"""What would fail on Function Compute, found before anything is sent."""

WORDS = {
    "{0} came with Python {1}.{2}": "{0} 自 Python {1}.{2} 起才有",
    "{0} is gone since Python {1}.{2}": "{0} 自 Python {1}.{2} 起已移除",
    "{0}({1}=…) came with Python {2}.{3}": "{0}({1}=…) 自 Python {2}.{3} 起才有",
    "is a library for {0}": "是 {0} 的库",
    "is a library for {0}, {1} bit": "是 {0}、{1} 位的库",
    "is built for Python {0}.{1}": "为 Python {0}.{1} 构建",
    "{0} glibc {1}.{2}, and {3} has {4}.{5}": "{0:say} glibc {1}.{2}，而 {3} 只有 {4}.{5}",
    "a wheel for manylinux2014": "使用 manylinux2014 的 wheel",
    "--requirements NAME fetches it for Linux on x86_64": "--requirements NAME 会获取 Linux x86_64 版本",
    "build it for Linux on x86_64": "针对 Linux x86_64 构建",
    "{0} {1} is a wheel for {2}": "{0} {1} 是 {2} 的 wheel",
    "{0} {1} needs": "{0} {1} 需要",
    "needs": "需要",
    "{0} {1} is a wheel for Python {2}.{3}": "{0} {1} 是 Python {2}.{3} 的 wheel",
    "is a program for {0} on {1}": "是 {1} 上 {0} 的程序",
    "has no first line that names its interpreter": "没有指定解释器的首行",
    "has line ends of Windows": "使用 Windows 换行",
    "is not executable": "不可执行",
    "asks another service": "访问其他服务",
    "connects to another service": "连接其他服务",
    "connects to a database": "连接数据库",
    "starts a program": "启动程序",
    "shows what nobody sees": "显示无人能看到的内容",
    "serves, and does not return": "提供服务，不会返回",
    "runs to its end": "会一直执行到结束",
    "move it into the handler, or into an initializer: --entrypoint index.initialize": (
        "将其移入请求处理程序，或移入 Initializer 回调程序：--entrypoint index.initialize"
    ),
    "{0}() in {1}": "{1} 中的 {0}()",
    "take it from the event": "从事件中获取",
    "{0} when the module is loaded": "模块加载时执行 {0}",
    "remove it": "删除它",
    "{0} {1} at each cold start, inside the first request": "每次冷启动时，{0} 会在首个请求中{1:say}",
    "{0} serves, and does not return": "{0} 提供服务，不会返回",
    "a loop without an end, outside of functions": "函数之外有无限循环",
    "{0} is not in the package": "{0} 不在代码包中",
    "machine {0}": "机器类型 {0}",
    "{0} was not deployed: {1}": "{0} 未部署：{1:say}",
    "Nothing was sent. What ran before still runs. --force deploys it all the same.": (
        "未发送任何内容。之前的版本仍在运行。--force 仍会部署。"
    ),
    "--force: deployed in spite of": "--force：尽管存在以下问题仍已部署：",
    "--force: would be deployed in spite of {0}": "--force：尽管存在以下问题仍会部署：{0:say}",
    "--force: deployed in spite of {0}": "--force：尽管存在以下问题仍已部署：{0:say}",
    "would not be deployed without --force: {0}": "不加 --force 不会部署：{0:say}",
    "{0} warning": "{0} 个警告",
    "{0} warnings": "{0} 个警告",
    "the package has no {0} for {1}": "代码包中没有 {1} 所需的 {0}",
    "{0} is defined only where it does not run": "{0} 只定义在不会执行的位置",
    "{0} does not define {1}": "{0} 没有定义 {1}",
    "define {0} at the top level": "在顶层定义 {0}",
    "{0} is an HTTP handler of FC 2.0; FC 3.0 calls it with (event, context)": (
        "{0} 是 FC 2.0 的 HTTP 请求处理程序；FC 3.0 以 (event, context) 调用它"
    ),
    "{0} is async, and nobody awaits it": "{0} 是 async 函数，没有人 await 它",
    "{0} yields, and nobody iterates over it": "{0} 使用 yield，没有人迭代它",
    "{0} is called as {1}({2})": "{0} 会以 {1}({2}) 的方式被调用",
    "{0} is a {1} application, and {2} calls it with (event, context)": (
        "{0} 是 {1} 应用，而 {2} 以 (event, context) 调用它"
    ),
    "the file cannot be read ({0})": "无法读取该文件（{0}）",
    "await inside an async function, and asyncio.run(main()) in the handler": (
        "在 async 函数中使用 await，在请求处理程序中使用 asyncio.run(main())"
    ),
    "{0} came with Python {1}": "{0:part} 自 Python {1} 起才有",
    "{0} is gone since Python {1}": "{0} 自 Python {1} 起已移除",
    "no source says whether the image of {0} has {1}": "没有资料说明 {0} 的镜像中是否有 {1}",
    "{0} is neither in the package nor in {1}": "{0} 既不在代码包中，也不在 {1} 中",
    "print(…), or return the value": "print(…)，或返回该值",
    "{0} is used before it is bound": "{0} 在赋值之前被使用",
    "bind {0} above this line": "在此行之前为 {0} 赋值",
    "{0} is defined nowhere else (--exclude)": "{0} 没有在别处定义（--exclude）",
    "{0} exists only in a notebook": "{0} 只存在于 Notebook 中",
    "define {0} in the cell, or run the cell that defines it": "在单元格中定义 {0}，或运行定义它的单元格",
    "define {0} in {1}": "在 {1} 中定义 {0}",
    "{0} is not defined in this cell or the notebook": "此单元格和 Notebook 中都没有定义 {0}",
    "{0} is not defined in {1}": "{1} 中没有定义 {0}",
    "import {0} finds {1}, and not the library of {2}": "import {0} 会找到 {1}，而不是 {2} 的库",
    "is named like a library": "与某个库同名",
    "{0} brings a module {1}": "{0} 带有模块 {1}",
    "import {0} finds that, and not Python's own": "import {0} 会找到它，而不是 Python 自带的",
    "import {0} finds {1} or Python's own, depending on who came first": (
        "import {0} 会找到 {1} 或 Python 自带的，取决于先后顺序"
    ),
    "import {0} finds {1}, and not Python's own": "import {0} 会找到 {1}，而不是 Python 自带的",
    "is named like Python's {0}": "与 Python 的 {0} 同名",
    "call it my_{0}/": "改名为 my_{0}/",
    "call it my_{0}": "改名为 my_{0}",
    "the libraries have {0} as ZIPs, and at most {1} are taken": "依赖包的 ZIP 共 {0}，最多 {1}",
    "fewer requirements, or an image: --image-url URL": "减少依赖，或使用镜像：--image-url URL",
    "the libraries have {0} as ZIPs, and the smaller regions take {1}": (
        "依赖包的 ZIP 共 {0}，而较小的地域最多 {1}"
    ),
    "{0} unpacked, and the disk of an instance has {1} unless more is asked for": (
        "解压后 {0}，而实例磁盘默认为 {1}"
    ),
    "the type statement": "type 语句",
    "a t-string": "t-string",
    "a * in an index": "下标中的 *",
    "a type parameter of {0}": "{0} 的类型参数",
    "a * in an annotation": "注解中的 *",
    "except without parentheses around its exceptions": "except 后的多个异常没有括号",
    "an f-string with {0} inside its braces": "花括号中含有{0:say}的 f-string",
    "quotes of its own kind": "同种引号",
    "a backslash": "反斜杠",
    "a comment": "注释",
    "a line break": "换行",
    "{0} in an annotation came with Python 3.10": "注解中的 {0} 自 Python 3.10 起才有",
    "from __future__ import annotations, or --runtime python3.10": (
        "from __future__ import annotations，或 --runtime python3.10"
    ),
    "line {0}": "第 {0} 行",
    "line {0} of another cell": "另一个单元格的第 {0} 行",
    "In[{0}] line {1}": "In[{0}] 第 {1} 行",
    "return a list: return list(parts(event))": "返回列表：return list(parts(event))",
    "return {{'statusCode': 200, 'body': …}} from def handler(event, context)": (
        "在 def handler(event, context) 中写 return {{'statusCode': 200, 'body': …}}"
    ),
    "{0} setting": "{0} 项设置",
    "{0} settings": "{0} 项设置",
}
